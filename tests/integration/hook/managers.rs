//! The real pre-commit and the real prek, where they are installed.
