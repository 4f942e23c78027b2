#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdint>

namespace vestibule {

bool startLog(std::string_view level, bool json) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") return false;
  auto logger = std::make_shared<spdlog::logger>(
      "vestibule", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(parsed);
  logger->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})"
                           : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
  return true;
}

std::string printable(std::string_view text, std::size_t limit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (out.size() >= limit) {
      out += "...";
      break;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    // Quotes and backslashes are escaped too, so that the text may stand inside a JSON log line.
    if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\') {
      out += "\\\\x";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0x0FU];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace vestibule
