#pragma once
// The log: one line an event on standard error, through spdlog. Each is of the catalog in
// base/log_events.h. No secret and no personal data beyond ids goes in.

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/log_events.h"
#include "base/trace_parent.h"

namespace vestibule {

/// Sets the level (`trace`, `debug`, `info`, `warn`, `error`, `off`) and form of the log. `json`
/// writes one JSON object a line: `time`, `level`, `event`, `message`, the event's fields, and
/// those of the LogScope; text has the message, and event and scope in brackets behind it. False
/// for an unknown level. Call once at start.
bool startLog(std::string_view level, bool json);

/// A value that a line names. Text is a view: it need live only until the line is written.
struct LogField {
  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, std::integral auto number)
      : name(field), value(static_cast<std::int64_t>(number)) {}

  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

/// Writes a line when the level of the event is on: the text with the fields in it. Text of fields
/// may be a client's: it is made `printable`, at most 1,000 bytes of it. A line for which there is
/// no memory is left out. Thread-safe.
void logEvent(const LogEvent& event, std::initializer_list<LogField> fields = {}) noexcept;
/// The same with a level of its own.
void logEvent(const LogEvent& event, LogLevel level,
              std::initializer_list<LogField> fields) noexcept;

/// What all lines of this thread belong to, as long as the object lives: the innermost counts. Text
/// must outlive it. No line is written by it; making one costs some nanoseconds.
class LogScope {
 public:
  /// Lines have the fields `correlation_id` and `trace_id`, where they are not empty.
  explicit LogScope(std::string_view correlation_id, TraceParent trace = {});
  /// The same in the trace of the scope around it.
  [[nodiscard]] static LogScope within(std::string_view correlation_id) {
    return LogScope(correlation_id, currentTrace());
  }
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  /// The trace that lines of this thread belong to now.
  [[nodiscard]] static TraceParent currentTrace();

  /// Notes who has been found to ask, by the id of the token; nothing where there is no scope.
  static void noteCaller(std::string_view token_id);
  /// Who asks, as far as that was noted within this scope.
  [[nodiscard]] std::string_view caller() const { return {caller_.data(), caller_size_}; }

 private:
  friend class LogLine;
  std::string_view correlation_id_;
  TraceParent trace_;
  // Mutable: a scope is found by those who note something in it, whatever its owner does.
  mutable std::array<char, 32> caller_{};
  mutable std::size_t caller_size_ = 0;
  const LogScope* outer_;
};

/// Text of a client made safe for a log line or an error text: control characters, and every
/// non-ASCII byte of text that is not valid UTF-8, appear as
/// `\x1b`; what is longer than `limit` bytes is cut between characters (security case H-10).
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace vestibule
