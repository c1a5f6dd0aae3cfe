package dev.patron

/**
 * Takes Patron's log lines. Called from Patron's own threads: be quick, and do not call Patron from it.
 * What it throws is swallowed. A line never holds a position, a token or the content of an event.
 */
public fun interface PatronLog {
    /** One line, without a line end. */
    public fun line(level: Level, text: String)

    /** How much a line matters. */
    public enum class Level {
        /** Something was lost, refused or broken. */
        Error,

        /** Something is odd, and Patron goes on. */
        Warn,

        /** What an operator would want to see once. */
        Info,

        /** Each step; for the lab. */
        Debug,
    }
}
