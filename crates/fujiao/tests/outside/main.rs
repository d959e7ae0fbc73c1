//! The program from the outside: folders of workbooks in; books, lists, papers and pages out.
//!
//! These tests start the built `fujiao` and look only at what it prints, writes and serves. What needs a program that a
//! laptop may lack (LibreOffice, Chromium) is skipped there, saying so, unless `FUJIAO_REQUIRE_ALL` is set.
#![cfg(test)]

mod access;
mod bad_input;
mod browser;
mod databases;
mod glossary;
mod handbook;
mod harness;
mod killed;
mod link;
mod papers;
mod paying;
mod plans;
mod policy;
mod privacy;
mod review;
mod roster;
mod run;
mod served;
mod solve;
mod twice;
mod upkeep;
mod visits;
mod walk;
mod watch;
mod webdriver;
mod work;
