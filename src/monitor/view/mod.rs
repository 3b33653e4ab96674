//! Draws the state. Pure: what is drawn follows from the state alone.
//!
//! Only the rows on the screen are looked at, so that a frame takes as long for ten files as for a hundred thousand.

mod burndown;
pub mod detail;
mod files;
mod frame;
mod groups;
pub mod help;
mod log;
mod text;
mod theme;
mod work;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::layout;
use super::layout::LEAST;
use super::state::Over;
use super::state::State;
use super::state::Tab;

use text::put;
use theme::Theme;

/// Draws the whole screen.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    draw(state, (area.width, area.height), buffer);
    if state.files.editing.is_some() && area.width >= LEAST.0 && area.height >= LEAST.1 {
        let column = u16::try_from(text::width(&state.files.filter) + 2).unwrap_or(u16::MAX);
        frame.set_cursor_position((column.min(area.width - 1), area.height - 2));
    }
}

fn draw(state: &State, size: (u16, u16), buffer: &mut Buffer) {
    let theme = Theme { color: state.color };
    if size.0 < LEAST.0 || size.1 < LEAST.1 {
        too_small(size, theme, buffer);
        return;
    }
    let areas = layout::areas(size);
    frame::title(state, theme, areas.title, buffer);
    frame::sums(state, theme, areas.sums, buffer);
    frame::gauge(state, theme, areas.gauge, buffer);
    frame::tabs(state, theme, areas.tabs, buffer);
    match (&state.over, state.tab) {
        (Over::Help { offset }, _) => help::draw(*offset, theme, areas, buffer),
        (Over::Detail(detail), _) => detail::draw(state, detail, theme, areas, buffer),
        (Over::Nothing, Tab::Files) => files::draw(state, theme, areas, buffer),
        (Over::Nothing, Tab::BurnDown) => burndown::draw(state, theme, areas, buffer),
        (Over::Nothing, Tab::Groups) => groups::draw(state, theme, areas, buffer),
        (Over::Nothing, Tab::Plan) => work::draw(state, theme, areas, buffer),
        (Over::Nothing, Tab::Log) => log::draw(state, theme, areas, buffer),
    }
    frame::notice(state, theme, areas.notice, buffer);
    frame::keys(state, theme, areas.keys, buffer);
}

/// Says what is missing, in as much room as there is.
fn too_small(size: (u16, u16), theme: Theme, buffer: &mut Buffer) {
    let lines = [
        "qmigrate monitor".to_owned(),
        format!("needs {}×{},", LEAST.0, LEAST.1),
        format!("this is {}×{}", size.0, size.1),
        "q quits".to_owned(),
    ];
    let top = size.1.saturating_sub(4) / 2;
    for (y, line) in (top..size.1).zip(&lines) {
        let indent = usize::from(size.0).saturating_sub(text::width(line)) / 2;
        let line = format!("{:indent$}{line}", "");
        put(buffer, ratatui::layout::Rect::new(0, y, size.0, 1), &Line::styled(line, theme.plain()));
    }
}
