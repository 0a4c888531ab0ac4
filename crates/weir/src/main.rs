//! The `weir` binary: reads the command line and runs the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    weir::cli::main()
}
