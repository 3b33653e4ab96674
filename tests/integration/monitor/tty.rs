//! A shell in a pseudo-terminal, and what a person would see of it.

use std::io::Read;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use portable_pty::Child;
use portable_pty::CommandBuilder;
use portable_pty::MasterPty;
use portable_pty::PtySize;
use portable_pty::native_pty_system;

use crate::support::Project;

/// Whoever has not shown something by now never will. Tests wait for what they expect, not for this.
const DEADLINE: Duration = Duration::from_mins(2);

pub(super) struct Tty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
    /// How many commands were run.
    commands: usize,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Tty {
    /// A shell in a project's folder, on a terminal of 120×30; `qmigrate` is on the path.
    pub(super) fn start(project: &Project, variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(120, 30)).unwrap();
        let mut command = CommandBuilder::new("bash");
        command.args(["--norc", "--noprofile", "-i"]);
        command.cwd(project.path(""));
        command.env_clear();
        let folder = Path::new(env!("CARGO_BIN_EXE_qmigrate")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", folder.display()));
        command.env("HOME", project.path("..").canonicalize().unwrap());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("TERM", "xterm");
        command.env("PS1", "ready> ");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let parser = vt100::Parser::new(NonZero::new(30).unwrap(), NonZero::new(120).unwrap(), 0);
        let mut tty = Self { master: pair.master, writer, output, parser, child, commands: 0 };
        tty.wait_for("ready> ");
        tty
    }

    /// Types a text.
    pub(super) fn send(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Types a command, and waits until the shell has run it.
    pub(super) fn run(&mut self, command: &str) {
        self.commands += 1;
        let number = self.commands;
        // What is typed is shown too, and must not be taken for what is printed.
        self.send(&format!("clear; {command}; echo do''ne {number}\n"));
        self.wait_for(&format!("done {number}"));
    }

    /// Waits until the screen shows a text.
    pub(super) fn wait_for(&mut self, text: &str) -> String {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    /// Waits until something holds of the screen, and returns its text.
    pub(super) fn wait(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> String {
        let deadline = Instant::now() + DEADLINE;
        while !holds(self.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(error) => panic!("{error} before {what:?}, and the screen is\n{}", self.parser.screen().contents()),
            }
        }
        self.parser.screen().contents()
    }

    pub(super) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub(super) fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.screen_mut().set_size(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.master.resize(size(columns, rows)).unwrap();
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
