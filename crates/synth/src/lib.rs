//! Fujiao synth.
