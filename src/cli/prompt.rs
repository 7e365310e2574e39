//! The prompt of `trailq sql`: history, completion, and how long things took.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper, Highlighter, Hinter};
use trailq::sql::{Engine, Session, completions, statements};
use trailq::{Error, Result};

use super::args::SqlArgs;
use super::sql::write;

const HELP: &str = "Statements end with ; and can take several lines. Any table name stands for the sources.
  \\q or exit   leave
  \\?           this text
  Tab          complete columns, fields, functions and keywords";

/// Reads statements and runs each, until the input ends. True if all that was asked could be read.
pub async fn run(engine: &Engine, session: &Session, arguments: &SqlArgs) -> Result<bool> {
    let mut editor = Editor::<Words, FileHistory>::new().map_err(cannot_prompt)?;
    editor.set_helper(Some(Words));
    let history = history_file();
    if let Some(file) = &history {
        // There is none before the first time.
        let _ = editor.load_history(file);
    }
    eprintln!("{HELP}");
    let mut complete = true;
    loop {
        let line = match editor.readline("trailq> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(cannot_prompt(error)),
        };
        // A history that cannot be kept is no reason to stop.
        let _ = editor.add_history_entry(line.trim());
        if let Some(file) = &history {
            let _ = std::fs::create_dir_all(file.parent().unwrap_or(file));
            let _ = editor.save_history(file);
        }
        match line.trim().trim_end_matches(';') {
            "" => continue,
            "\\q" | "exit" | "quit" => break,
            "\\?" | "help" => eprintln!("{HELP}"),
            _ => complete &= run_line(engine, session, &line, arguments).await,
        }
    }
    Ok(complete)
}

/// Runs the statements of a line. What is wrong with one is said, and the prompt comes again.
async fn run_line(engine: &Engine, session: &Session, line: &str, arguments: &SqlArgs) -> bool {
    let mut complete = true;
    let outcome: Result<()> = async {
        for statement in statements(line)? {
            let answer = engine.run(&statement, session).await?;
            complete &= write(answer, &arguments.output, Box::new(io::stdout())).await?;
        }
        Ok(())
    }
    .await;
    if let Err(error) = outcome {
        eprintln!("{}", trailq::output::text::visible(&error.to_string()));
    }
    complete
}

fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?;
    Some(state.join("trailq/sql_history"))
}

fn cannot_prompt(cause: ReadlineError) -> Error {
    Error::argument(
        "terminal",
        "standard input",
        format!("cannot be read: {cause}"),
        "use -f FILE, or give a statement",
    )
}

/// What the editor knows of SQL.
#[derive(Helper, Hinter, Highlighter)]
struct Words;

impl Validator for Words {
    /// A statement goes on until its semicolon.
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let input = context.input().trim();
        let whole = input.is_empty()
            || input.ends_with(';')
            || input.starts_with('\\')
            || matches!(input, "exit" | "quit" | "help");
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, _: &Context) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..position];
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let found = completions(&before[start..]);
        let pair =
            |word: Cow<'static, str>| Pair { display: word.to_string(), replacement: word.into_owned() };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}
