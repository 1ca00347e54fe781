//! The time of day, for people who watch. Nothing but a printed line knows it.

/// The time of day here, as `14:03:22`.
pub fn time_of_day() -> String {
    jiff::ZonedDateTime::now().strftime("%H:%M:%S").to_string()
}
