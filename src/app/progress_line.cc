#include "app/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vestibule::app {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::seconds kPlainLine{10};

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string progressText(std::optional<double> share, std::uint64_t count, const std::string& what,
                         std::uint64_t fresh, double seconds, const std::string& more) {
  std::string text;
  if (share) {
    const double part = std::clamp(*share, 0.0, 1.0);
    const auto full = static_cast<std::size_t>(part * kBarWidth);
    text += "[" + std::string(full, '#') + std::string(kBarWidth - full, '-') + "] ";
    const auto percent = std::to_string(static_cast<int>(part * 100));
    text += std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + "%  ";
  }
  text += grouped(count) + " " + what;
  if (seconds >= 1 && fresh > 0) {
    const double rate = static_cast<double>(fresh) / seconds;
    text += "  " + grouped(static_cast<std::uint64_t>(std::llround(rate))) + "/s";
    if (share && *share > 0.01 && *share < 1) {
      // Of what was left when this began, as much time as for what has been done since.
      const auto total = static_cast<double>(count) / *share;
      const auto left = static_cast<std::uint64_t>((total - static_cast<double>(count)) / rate);
      const auto rest = std::to_string(left % 60);
      text += "  " + std::to_string(left / 60) + (rest.size() < 2 ? ":0" : ":") + rest + " left";
    }
  }
  if (!more.empty()) text += "  " + more;
  return text;
}

ProgressLine::ProgressLine(std::string what, bool silent)
    : what_(std::move(what)),
      on_terminal_(::isatty(STDERR_FILENO) == 1),
      silent_(silent),
      next_(begun_ + (on_terminal_ ? std::chrono::milliseconds(0)
                                   : std::chrono::milliseconds(kPlainLine))) {}

ProgressLine::~ProgressLine() {
  if (drawn_) static_cast<void>(std::fputc('\n', stderr));
}

void ProgressLine::show(std::optional<double> share, std::uint64_t count, std::uint64_t fresh,
                        const std::string& more) {
  const auto now = Clock::now();
  if (silent_ || now < next_) return;
  next_ = now + (on_terminal_ ? kRedraw : std::chrono::milliseconds(kPlainLine));
  const std::chrono::duration<double> seconds = now - begun_;
  const auto text = progressText(share, count, what_, fresh, seconds.count(), more);
  // The escape erases what a longer text left behind.
  static_cast<void>(std::fprintf(stderr, on_terminal_ ? "\r%s\x1b[K" : "%s\n", text.c_str()));
  drawn_ = on_terminal_;
}

}  // namespace vestibule::app
