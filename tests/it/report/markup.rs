//! Reads HTML and Markdown strictly: what no template of the report has makes it panic.

/// Names of a document's tags, in order, and what stands between them; panics at what no template
/// of the report has: another element, an attribute of another kind, a tag that does not close.
pub fn parsed(html: &str) -> (Vec<String>, String) {
    let (mut tags, mut text, mut open, mut rest) = (vec![], String::new(), vec![], html);
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let (name, kind, after) = tag(&rest[start..]);
        rest = after;
        if kind == Kind::End {
            assert_eq!(open.pop(), Some(name), "closes what is not open");
            continue;
        }
        tags.push(name.clone());
        if kind == Kind::Empty {
            continue;
        }
        if ["style", "script"].contains(&name.as_str()) {
            rest = rest.split_once(&format!("</{name}>")).expect("an end").1;
        } else if !["!doctype", "meta", "br", "input"].contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    text.push_str(rest);
    (tags, text)
}

#[derive(PartialEq)]
enum Kind {
    Start,
    End,
    /// Of SVG: `<rect/>`.
    Empty,
}

/// The name of the tag that a text begins with, its kind, and what follows it.
fn tag(html: &str) -> (String, Kind, &str) {
    const ATTRIBUTES: &str = " lang charset http-equiv content name data-case class id aria-label aria-live \
        aria-labelledby href rel role tabindex scope type hidden open value autocomplete for width height viewBox xmlns \
        x y x1 x2 y1 y2 rx r d points overflow patternUnits patternTransform html ";
    let mut rest = &html[1..];
    let closes = rest.starts_with('/');
    rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.find([' ', '>', '/']).expect("a name ends");
    let name = rest[..end].to_owned();
    rest = &rest[end..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return (name, Kind::Empty, after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (name, if closes { Kind::End } else { Kind::Start }, after);
        }
        let end = rest.find(['=', ' ', '>']).expect("an attribute ends");
        assert!(ATTRIBUTES.contains(&format!(" {} ", &rest[..end])), "attribute {} of {name}", &rest[..end]);
        let value = rest[end..].strip_prefix("=\"");
        rest = value.map_or(&rest[end..], |value| value.split_once('"').expect("a value ends").1);
    }
}

/// Outside code, only the report's own markup is left.
pub fn markdown_is_inert(markdown: &str) {
    let (mut fence, mut cells) = (None, 0);
    for line in markdown.lines() {
        match &fence {
            Some(end) => {
                fence = Some(end).filter(|end| line != **end).cloned();
                continue;
            }
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches("text").to_owned());
                continue;
            }
            None => {}
        }
        let prose = without_code(line);
        let links = prose.replace("](https://attack.mitre.org/techniques/", "");
        assert!(!links.contains("](") && !links.contains("![") && !links.contains("://"), "{line}");
        assert!(!prose.contains(['<', '>', '`', '\\']), "{line}");
        assert!(!prose.starts_with('#') || prose.trim_start_matches('#').starts_with(' '), "{line}");
        let bars = prose.matches('|').count();
        assert!(bars == 0 || cells == 0 || bars == cells, "{line}");
        cells = bars;
    }
    assert_eq!(fence, None);
}

/// A line without its code spans.
fn without_code(line: &str) -> String {
    let (mut prose, mut rest) = (String::new(), line);
    while let Some(start) = rest.find('`') {
        let length = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let (fence, inside) = rest[start..].split_at(length);
        prose.push_str(&rest[..start]);
        let runs = inside.match_indices(fence);
        let is_whole = |at: &usize| !inside[..*at].ends_with('`') && !inside[at + length..].starts_with('`');
        let end = runs.map(|(at, _)| at).find(is_whole).unwrap_or_else(|| panic!("{line}"));
        rest = &inside[end + length..];
    }
    prose + rest
}
