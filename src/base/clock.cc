#include "base/clock.h"

#include <chrono>

namespace vestibule {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

/// Reads exactly `count` digits at the front of `text` and drops them; -1 when there are fewer.
int takeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// The decimal digits, with zeros in front up to `width`. A format string would take longer than
/// all else that an answer says about a resource.
void appendPadded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

}  // namespace

Timestamp now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string formatTimestamp(Timestamp timestamp) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> point{
      std::chrono::microseconds(timestamp)};
  const auto day = floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(floor<std::chrono::milliseconds>(point - day));
  std::string text;
  text.reserve(24);
  appendPadded(text, static_cast<int>(date.year()), 4);
  appendPadded(text += '-', static_cast<unsigned>(date.month()), 2);
  appendPadded(text += '-', static_cast<unsigned>(date.day()), 2);
  appendPadded(text += 'T', time.hours().count(), 2);
  appendPadded(text += ':', time.minutes().count(), 2);
  appendPadded(text += ':', time.seconds().count(), 2);
  appendPadded(text += '.', time.subseconds().count(), 3);
  return text += 'Z';
}

std::optional<Timestamp> parseTimestamp(std::string_view text) {
  const int year = takeDigits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = takeDigits(text, 2);
  if (month < 0 || !take(text, '-')) return std::nullopt;
  const int day = takeDigits(text, 2);
  if (day < 0 || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const int hour = takeDigits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = takeDigits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = takeDigits(text, 2);
  if (second < 0 || second > 60) return std::nullopt;

  std::int64_t micros = 0;
  if (take(text, '.')) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    for (std::int64_t unit = kMicrosPerSecond / 10;
         !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
      micros += unit * (text.front() - '0');
      text.remove_prefix(1);
    }
  }

  std::chrono::minutes offset{0};
  if (!text.empty() && !take(text, 'Z') && !take(text, 'z')) {
    const bool ahead = text.front() == '+';
    if (!ahead && text.front() != '-') return std::nullopt;
    text.remove_prefix(1);
    const int offset_hour = takeDigits(text, 2);
    if (offset_hour < 0 || offset_hour > 14 || !take(text, ':')) return std::nullopt;
    const int offset_minute = takeDigits(text, 2);
    if (offset_minute < 0 || offset_minute > 59) return std::nullopt;
    offset = std::chrono::hours(offset_hour) + std::chrono::minutes(offset_minute);
    if (!ahead) offset = -offset;
  }
  if (!text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::chrono::sys_seconds instant = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                                           std::chrono::minutes(minute) +
                                           std::chrono::seconds(second) - offset;
  return instant.time_since_epoch().count() * kMicrosPerSecond + micros;
}

}  // namespace vestibule
