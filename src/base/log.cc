#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <utility>

#include "base/unicode.h"

namespace vestibule {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

bool isControl(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte < 0x20 || byte == 0x7F;
}

void appendEscape(std::string& out, std::string_view prefix, char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  out += prefix;
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0x0FU];
}

constexpr std::size_t kFieldBytes = 1'000;

/// Set once at start, before there are other threads.
bool writes_json = false;

thread_local const LogScope* current_scope = nullptr;

spdlog::level::level_enum levelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kCritical:
      break;
  }
  return spdlog::level::critical;
}

/// A JSON string of text without control characters.
void appendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// The value as the message shows it.
std::string shown(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  return printable(std::get<std::string_view>(field.value), kFieldBytes);
}

}  // namespace

/// One line in the making.
class LogLine {
 public:
  LogLine(const LogEvent& event, std::initializer_list<LogField> fields)
      : event_(event), fields_(fields) {}

  [[nodiscard]] std::string json() const {
    std::string line = "\"event\":";
    appendQuoted(line, event_.name);
    append(line, "message", message());
    for (const LogField& field : fields_) {
      if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        line.append(",\"").append(field.name).append("\":").append(std::to_string(*number));
      } else {
        append(line, field.name, shown(field));
      }
    }
    for (const auto& [name, text] : scope()) append(line, name, text);
    return line;
  }

  [[nodiscard]] std::string text() const {
    std::string line = message();
    line.append(" [").append(event_.name);
    for (const auto& [name, text] : scope()) {
      if (!text.empty()) line.append(" ").append(name).append("=").append(text);
    }
    return line + ']';
  }

 private:
  static void append(std::string& line, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    line.append(",\"").append(name).append("\":");
    appendQuoted(line, text);
  }

  static std::array<std::pair<std::string_view, std::string_view>, 2> scope() {
    if (current_scope == nullptr) return {};
    return {{{"correlation_id", current_scope->correlation_id_},
             {"trace_id", current_scope->trace_.trace_id}}};
  }

  /// The text of the event with its fields; of a field that is missing, its name.
  [[nodiscard]] std::string message() const {
    std::string message;
    std::string_view rest = event_.text;
    for (;;) {
      const auto open = rest.find('{');
      message += rest.substr(0, open);
      if (open == std::string_view::npos) return message;
      rest.remove_prefix(open + 1);
      const auto name = rest.substr(0, rest.find('}'));
      const auto* const field = std::find_if(fields_.begin(), fields_.end(),
                                             [&](const auto& one) { return one.name == name; });
      message += field == fields_.end() ? std::string(name) : shown(*field);
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
  }

  const LogEvent& event_;
  std::initializer_list<LogField> fields_;
};

LogScope::LogScope(std::string_view correlation_id, TraceParent trace)
    : correlation_id_(correlation_id), trace_(trace), outer_(std::exchange(current_scope, this)) {}

LogScope::~LogScope() { current_scope = outer_; }

TraceParent LogScope::currentTrace() {
  return current_scope == nullptr ? TraceParent() : current_scope->trace_;
}

void LogScope::noteCaller(std::string_view token_id) {
  if (current_scope == nullptr) return;
  auto& caller = current_scope->caller_;
  current_scope->caller_size_ = token_id.copy(caller.data(), caller.size());
}

void logEvent(const LogEvent& event, std::initializer_list<LogField> fields) noexcept {
  logEvent(event, event.level, fields);
}

void logEvent(const LogEvent& event, LogLevel level,
              std::initializer_list<LogField> fields) noexcept {
  try {
    auto* const logger = spdlog::default_logger_raw();
    if (!logger->should_log(levelOf(level))) return;
    const LogLine line(event, fields);
    logger->log(levelOf(level), spdlog::string_view_t(writes_json ? line.json() : line.text()));
  } catch (const std::exception&) {
    // Nobody can be told, and whoever logs has other things to finish.
  }
}

bool startLog(std::string_view level, bool json) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") return false;
  auto logger = std::make_shared<spdlog::logger>(
      "vestibule", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(parsed);
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
           : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v",
      spdlog::pattern_time_type::utc));
  spdlog::set_default_logger(std::move(logger));
  writes_json = json;
  return true;
}

std::string printable(std::string_view text, std::size_t limit) {
  const bool plain = text.size() <= limit && std::all_of(text.begin(), text.end(), [](char c) {
                       return !isControl(c) && static_cast<std::uint8_t>(c) < 0x80;
                     });
  if (plain) return std::string(text);
  std::string out;
  const bool valid = isValidUtf8(text);
  for (const char c : text) {
    // A cut never falls inside a character.
    const bool begins = (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80;
    if (out.size() >= limit && begins) {
      out += "...";
      break;
    }
    const bool strange = !valid && static_cast<std::uint8_t>(c) >= 0x80;
    if (isControl(c) || strange) {
      appendEscape(out, "\\x", c);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace vestibule
