//! Signals: those that end the program give the terminal back first.

#[cfg(unix)]
pub(super) use unix::listen;
#[cfg(unix)]
pub(super) use unix::stop;

#[cfg(not(unix))]
pub(super) use elsewhere::listen;
#[cfg(not(unix))]
pub(super) use elsewhere::stop;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::AtomicI32;
    use std::sync::atomic::Ordering;
    use std::sync::mpsc::Sender;
    use std::thread;

    use signal_hook::consts::SIGCONT;
    use signal_hook::consts::SIGHUP;
    use signal_hook::consts::SIGINT;
    use signal_hook::consts::SIGQUIT;
    use signal_hook::consts::SIGTERM;
    use signal_hook::consts::SIGTSTP;
    use signal_hook::iterator;
    use signal_hook::low_level;

    use crate::monitor::message::Message;

    /// Which signal asked the program to end, if one did.
    pub(in crate::monitor) struct Signals(Arc<AtomicI32>);

    /// Turns signals into messages.
    pub(in crate::monitor) fn listen(outbox: Sender<Message>) -> io::Result<Signals> {
        let ending = Arc::new(AtomicI32::new(0));
        let mut signals = iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
        let told = Arc::clone(&ending);
        let forward = move || {
            for signal in signals.forever() {
                let message = match signal {
                    SIGTSTP => Message::Suspend,
                    SIGCONT => Message::Continued,
                    _ => {
                        told.store(signal, Ordering::SeqCst);
                        Message::Stop
                    }
                };
                drop(outbox.send(message));
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(forward)?;
        Ok(Signals(ending))
    }

    impl Signals {
        /// Ends the program by the signal that asked for it, as whoever sent it expects.
        pub(in crate::monitor) fn end_as_told(&self) {
            let signal = self.0.load(Ordering::SeqCst);
            if signal != 0 {
                drop(low_level::emulate_default_handler(signal));
            }
        }
    }

    /// Stops the program until it is continued.
    pub(in crate::monitor) fn stop() {
        drop(low_level::emulate_default_handler(SIGTSTP));
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::sync::mpsc::Sender;

    use crate::monitor::message::Message;

    pub(in crate::monitor) struct Signals;

    pub(in crate::monitor) fn listen(_: Sender<Message>) -> io::Result<Signals> {
        Ok(Signals)
    }

    impl Signals {
        pub(in crate::monitor) fn end_as_told(&self) {}
    }

    pub(in crate::monitor) fn stop() {}
}
