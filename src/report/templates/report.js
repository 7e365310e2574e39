"use strict";
(() => {
  const rowsOf = (table) => Array.from(table.tBodies[0].rows);

  // Filters of the timeline.
  const timeline = document.getElementById("timeline-rows");
  if (timeline) {
    const rows = rowsOf(timeline);
    const column = { outcome: 3, finding: 4, relation: 7 };
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const find = (id) => document.getElementById("filter-" + id);
    const [text, outcome, relation, findings, count] =
      ["text", "outcome", "relation", "findings", "count"].map(find);
    const apply = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, at) => {
        const cell = (name) => row.cells[column[name]];
        const fits =
          words.every((word) => texts[at].includes(word)) &&
          (!outcome.value || cell("outcome").textContent.startsWith(outcome.value)) &&
          (!relation.value || cell("relation").textContent === relation.value) &&
          (!findings.checked || cell("finding").textContent !== "");
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      count.textContent = shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " rows";
    };
    [text, outcome, relation, findings].forEach((input) => input.addEventListener("input", apply));
    document.querySelector(".filters").hidden = false;
    apply();
  }

  // Tables are sorted by a click on a column's name.
  const severities = ["informational", "low", "medium", "high", "critical"];
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const key = (cell) => {
    const word = cell.textContent.split(" ")[0];
    const severity = severities.indexOf(word);
    return severity < 0 ? cell.textContent.replace(/,/g, "") : "~" + severity;
  };
  const sort = (table, at, head) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = rowsOf(table).map((row) => [key(row.cells[at]), row]);
    rows.sort((one, other) => (down ? -1 : 1) * compare(one[0], other[0]));
    // At once: moved one by one, thousands of rows take seconds.
    table.tBodies[0].replaceChildren(...rows.map((row) => row[1]));
  };
  for (const table of document.querySelectorAll("#timeline table, #sources table, #containment table")) {
    Array.from(table.tHead.rows[0].cells).forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(table, at, head));
      head.replaceChildren(button);
    });
  }

  // Commands to the clipboard; where that is refused, they are at least marked.
  for (const button of document.querySelectorAll(".copy")) {
    const code = button.previousElementSibling;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Marked";
      }
    });
  }

  // Ticks of the checklist outlast the page, where the browser lets them.
  for (const box of document.querySelectorAll(".steps input")) {
    const name = "trailq " + document.body.dataset.case + " " + box.id;
    try {
      box.checked = localStorage.getItem(name) === "done";
      box.addEventListener("change", () => {
        if (box.checked) localStorage.setItem(name, "done");
        else localStorage.removeItem(name);
      });
    } catch {
      break;
    }
  }

  // Paper cannot unfold anything.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach((details) => (details.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
})();
