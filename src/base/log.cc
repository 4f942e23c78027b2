#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <cstdint>
#include <memory>

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

/// The message of a log line as the inside of a JSON string.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& buffer) override {
    std::string text;
    for (const char c : std::string_view(message.payload.data(), message.payload.size())) {
      if (c == '"' || c == '\\') {
        text += '\\';
        text += c;
      } else if (isControl(c)) {
        appendEscape(text, "\\u00", c);
      } else {
        text += c;
      }
    }
    buffer.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

}  // namespace

bool startLog(std::string_view level, bool json) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") return false;
  auto logger = std::make_shared<spdlog::logger>(
      "vestibule", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(parsed);
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<JsonMessage>('*').set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%*"})"
           : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
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
