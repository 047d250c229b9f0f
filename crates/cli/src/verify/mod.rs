//! `cinnabar verify`.

mod arguments;
mod checkpoint;
mod destination;
mod inputs;
mod lists;
mod names;
mod output;
mod progress;
mod stdin;
mod summary;
#[cfg(feature = "parquet")]
mod table;
mod tally;
mod walk;

use std::fmt::Display;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::Limits;
use cinnabar_verify::bulk::{self, Cancel, Ending, Event, Item, Options, Order, Outcome, Progress, Verifier};
use signal_hook::consts::{SIGINT, SIGTERM};
use time::OffsetDateTime;

pub use arguments::Args;
use checkpoint::{Ledger, Remaining, State, Terms};
use destination::Destination;
use inputs::{Input, Inputs};
use output::{Rendered, Writer};
use progress::Meter;
use summary::Summary;
use tally::{Mark, Tally};

/// How often a checkpoint is written.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// The exit code of a run that a signal ended.
const STOPPED: u8 = 130;

/// Why a run did not begin or could not go on.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("信任集无法读取 the trust set cannot be read: {0}")]
    Trust(String),
    #[error("用法 usage: {0}")]
    Usage(String),
    #[error("断点文件无法使用 the checkpoint cannot be used: {0}")]
    Checkpoint(String),
    #[error("断点与本次运行不符，不同之处 the checkpoint is of another run; what differs: {0}")]
    OtherRun(String),
    #[error("输出失败 the output failed: {0}")]
    Output(io::Error),
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    match Run::prepare(args).and_then(|run| run.go(args)) {
        Ok(code) => code,
        Err(Fault::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(2),
        Err(fault) => {
            eprintln!("cinnabar: {fault}");
            ExitCode::from(2)
        }
    }
}

/// Everything that a run needs, checked before anything is written.
struct Run {
    trust: Option<Arc<TrustSet>>,
    inputs: Vec<Input>,
    options: Options,
    state: State,
    resumed: bool,
}

impl Run {
    fn prepare(args: &Args) -> Result<Self, Fault> {
        let trust = args.trust.as_deref().map(TrustSet::load).transpose();
        let trust = trust.map_err(|error| Fault::Trust(error.to_string()))?.map(Arc::new);
        let inputs = args.inputs();
        args.check(&inputs).map_err(Fault::Usage)?;
        let options = args.options();
        let terms = Terms {
            inputs: inputs.iter().map(Input::tell).collect(),
            trust: trust
                .as_ref()
                .map(|t| t.digest.iter().map(|b| format!("{b:02x}")).collect()),
            policy: format!("{} v{}", args.policy.name, args.policy.version),
            at: args.at.unwrap_or_else(|| OffsetDateTime::now_utc().unix_timestamp()),
            format: args.format.name().to_owned(),
            order: if args.unordered { "finished" } else { "listed" }.to_owned(),
            output: args
                .output
                .as_ref()
                .map_or_else(|| "-".to_owned(), |path| names::of(path)),
        };
        let mut run = Self {
            trust,
            inputs,
            options,
            state: State::new(terms),
            resumed: false,
        };
        run.resume(args)?;
        Ok(run)
    }

    /// Takes over what an earlier run recorded, when asked to.
    fn resume(&mut self, args: &Args) -> Result<(), Fault> {
        let Some(path) = &args.checkpoint else { return Ok(()) };
        let unusable = |error: &dyn Display| Fault::Checkpoint(format!("{}: {error}", path.display()));
        match (path.try_exists(), args.resume) {
            (Err(error), _) => return Err(unusable(&error)),
            // The first run of a script that always says --resume.
            (Ok(false), _) => return Ok(()),
            (Ok(true), false) => {
                return Err(unusable(
                    &"已存在：加 --resume 继续，或先删除 it exists: add --resume to go on, or remove it",
                ));
            }
            (Ok(true), true) => {}
        }
        let state = State::load(path).map_err(|error| unusable(&error))?;
        // A resumed run is judged at the time of the first.
        if args.at.is_none() {
            self.state.terms.at = state.terms.at;
        }
        let differences = self.state.terms.differences(&state.terms);
        if !differences.is_empty() {
            return Err(Fault::OtherRun(differences.join(", ")));
        }
        self.state = state;
        self.resumed = true;
        Ok(())
    }

    fn go(self, args: &Args) -> Result<ExitCode, Fault> {
        if self.trust.as_ref().is_some_and(|t| t.development) {
            eprintln!("cinnabar: ** DEVELOPMENT TRUST 开发用信任集，仅供演示 **");
        }
        if self.state.complete {
            // What is not there was not all done.
            if let Some(path) = args.output.as_ref().filter(|path| !path.exists()) {
                let why = format!("完成的输出已不存在 the finished output is gone: {}", path.display());
                return Err(Fault::Checkpoint(why));
            }
            eprintln!("cinnabar: 断点显示已全部完成 the checkpoint says that all is done");
            return Ok(self.state.tally.exit_code());
        }
        let cancel = Cancel::default();
        listen(&cancel).map_err(Fault::Output)?;
        let started = Instant::now();
        let before = (self.state.tally.documents, self.state.tally.bytes);
        let progress = Arc::new(Progress::default());
        let total = Arc::new(AtomicU64::new(0));
        let shows_results = args.output.is_none() && io::stdout().is_terminal();
        let meter = Meter::new(
            Arc::clone(&progress),
            Arc::clone(&total),
            self.state.done,
            args.progress,
            shows_results || args.quiet,
        );
        if meter.is_some() {
            count(self.inputs.clone(), total, cancel.clone());
        }

        let verifier = Arc::new(Verifier::new(self.trust.clone(), args.policy, self.state.terms.at));
        let inputs = Inputs::new(self.inputs.clone(), Limits::default().document_bytes);
        let mut desk = Desk::new(args, self.state, self.resumed, meter, cancel.clone())?;
        let items: Box<dyn Iterator<Item = Item> + Send> = match &desk.ledger {
            Some(ledger) => Box::new(Remaining::new(inputs, &desk.state, Arc::clone(ledger), cancel.clone())),
            None => Box::new(inputs),
        };
        let format = args.format;
        let render = move |outcome: Outcome| {
            let rendered = output::render(format, &outcome);
            let weight = rendered.weight();
            ((rendered, Mark::new(&outcome)), weight)
        };
        let ended = bulk::run(
            items,
            Arc::clone(&verifier),
            &self.options,
            &cancel,
            &progress,
            render,
            |event| desk.take(event),
        );
        if let Some(meter) = &desk.meter {
            meter.end();
        }
        if let Some(why) = desk.ledger.as_ref().and_then(|ledger| ledger.fault()) {
            return Err(Fault::OtherRun(why));
        }
        let ending = ended.map_err(Fault::Output)?;
        let complete = ending == Ending::Complete;
        let tally = desk.finish(complete).map_err(Fault::Output)?;
        let summary = Summary {
            tally: &tally,
            complete,
            elapsed: started.elapsed(),
            documents: tally.documents - before.0,
            bytes: tally.bytes - before.1,
            engine: verifier.engine().statistics(),
        };
        let single = tally.documents == 1 && tally.skipped == 0 && io::stderr().is_terminal();
        if !(args.quiet || single && complete) {
            eprintln!("{}", summary.text());
        }
        if let Some(path) = &args.summary {
            summary.write(path).map_err(Fault::Output)?;
        }
        Ok(if complete {
            tally.exit_code()
        } else {
            ExitCode::from(STOPPED)
        })
    }
}

/// The first signal sets the flag; the second ends the process.
fn listen(cancel: &Cancel) -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, STOPPED.into(), cancel.flag())?;
        signal_hook::flag::register(signal, cancel.flag())?;
    }
    Ok(())
}

/// Counts the inputs beside the run, for the time left.
fn count(inputs: Vec<Input>, total: Arc<AtomicU64>, cancel: Cancel) {
    thread::spawn(move || {
        if let Some(count) = Inputs::count(inputs, || !cancel.is_stopped()) {
            total.store(count, Ordering::Relaxed);
        }
    });
}

/// Where results arrive: written, counted, recorded.
struct Desk {
    writer: Writer,
    state: State,
    ledger: Option<Arc<Ledger>>,
    checkpoint: Option<std::path::PathBuf>,
    saved: Instant,
    meter: Option<Meter>,
    /// The result that comes next, when the order is kept.
    expected: u64,
    in_order: bool,
    unflushed: bool,
    cancel: Cancel,
}

impl Desk {
    fn new(args: &Args, state: State, resumed: bool, meter: Option<Meter>, cancel: Cancel) -> Result<Self, Fault> {
        let named = |path: &std::path::Path, error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        };
        let out = match &args.output {
            None => Ok(Destination::standard()),
            Some(path) if resumed => Destination::resumed(path, state.length).map_err(|error| named(path, error)),
            Some(path) => Destination::file(path).map_err(|error| named(path, error)),
        };
        let ledger = match args.checkpoint {
            Some(_) => Some(Arc::new(
                Ledger::new(&state).map_err(|e| Fault::Checkpoint(e.to_string()))?,
            )),
            None => None,
        };
        Ok(Self {
            writer: out
                .and_then(|out| Writer::new(args.format, out, state.written))
                .map_err(Fault::Output)?,
            state,
            ledger,
            checkpoint: args.checkpoint.clone(),
            saved: Instant::now(),
            meter,
            expected: 0,
            in_order: args.options().order == Order::Listed,
            unflushed: false,
            cancel,
        })
    }

    fn take(&mut self, event: Event<(Rendered, Mark)>) -> io::Result<()> {
        if let Event::Judged { sequence, .. } | Event::Skipped { sequence } = event {
            // After a stop results come past those that are missing. A run that will be resumed leaves them for then.
            if self.in_order && self.ledger.is_some() && sequence != self.expected {
                return Ok(());
            }
            self.expected = sequence + 1;
        }
        match event {
            Event::Judged {
                sequence,
                value: (rendered, mark),
            } => {
                self.writer.write(rendered)?;
                self.unflushed = true;
                self.state.tally.count(mark);
                self.deliver(sequence);
            }
            Event::Skipped { sequence } => {
                self.state.tally.skipped += 1;
                self.deliver(sequence);
            }
            Event::Idle if self.unflushed => {
                self.writer.flush()?;
                self.unflushed = false;
            }
            Event::Idle => {}
        }
        if let Some(meter) = &mut self.meter {
            meter.draw(&self.state.tally);
        }
        if self.saved.elapsed() >= CHECKPOINT_EVERY {
            self.save()?;
        }
        Ok(())
    }

    fn deliver(&self, sequence: u64) {
        if let Some(ledger) = &self.ledger {
            ledger.deliver(sequence);
        }
    }

    /// Records how far it is, after what it speaks of is on the disk.
    fn save(&mut self) -> io::Result<()> {
        self.saved = Instant::now();
        let (Some(ledger), Some(path)) = (&self.ledger, &self.checkpoint) else {
            return Ok(());
        };
        // Files that are not those of then must leave the record as it is.
        if ledger.fault().is_some() {
            self.cancel.stop();
            return Ok(());
        }
        self.state.length = self.writer.settle()?;
        self.state.written = self.writer.written();
        ledger.tell(&mut self.state);
        self.state.save(path)
    }

    fn finish(mut self, complete: bool) -> io::Result<Tally> {
        self.save()?;
        self.writer.finish(complete)?;
        if let (Some(path), true) = (&self.checkpoint, complete) {
            self.state.complete = true;
            self.state.save(path)?;
        }
        Ok(self.state.tally)
    }
}
