//! The server and the command line: settings, start, stop.
