#include "base/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace vestibule {
namespace {

/// Fields of /proc/self/stat (proc(5)), by their numbers there.
constexpr std::size_t kUserTicks = 14;
constexpr std::size_t kSystemTicks = 15;
constexpr std::size_t kThreads = 20;
constexpr std::size_t kStartTicks = 22;
constexpr std::size_t kVirtualBytes = 23;
constexpr std::size_t kResidentPages = 24;
constexpr std::size_t kFields = 24;

using Stat = std::array<double, kFields + 1>;

std::optional<Stat> readStat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  // The name of the program, which may hold anything, ends with the last parenthesis; the state
  // after it is a letter.
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 4 > text.size()) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 4));
  Stat stat{};
  for (std::size_t field = 4; field <= kFields; ++field) {
    if (!(fields >> stat.at(field))) return std::nullopt;
  }
  return stat;
}

double ticksPerSecond() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }

/// When the machine was started, in seconds of the epoch.
std::optional<double> bootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::vector<Sample> ofStat(double (*value)(const Stat&)) {
  const auto stat = readStat();
  if (!stat) return {};
  return {{{}, value(*stat)}};
}

std::vector<Sample> startTime() {
  const auto stat = readStat();
  const auto boot = bootTime();
  if (!stat || !boot) return {};
  return {{{}, *boot + stat->at(kStartTicks) / ticksPerSecond()}};
}

std::vector<Sample> openDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  double count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  if (error) return {};
  // The one that this has just been read by.
  return {{{}, count - 1}};
}

std::vector<Sample> mostDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return {{{}, static_cast<double>(limit.rlim_cur)}};
}

}  // namespace

void addProcessUsage(Metrics& metrics) {
  using Type = Reading::Type;
  const auto add = [&](const char* name, Type type, const char* help,
                       std::function<std::vector<Sample>()> read) {
    metrics.addReading({name, type, help, std::move(read)});
  };
  add("process_resident_memory_bytes", Type::kGauge, "Resident memory of the process.", [] {
    return ofStat([](const Stat& stat) {
      return stat.at(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE));
    });
  });
  add("process_virtual_memory_bytes", Type::kGauge, "Virtual memory of the process.",
      [] { return ofStat([](const Stat& stat) { return stat.at(kVirtualBytes); }); });
  add("process_cpu_seconds_total", Type::kCounter, "User and system time of the process.", [] {
    return ofStat([](const Stat& stat) {
      return (stat.at(kUserTicks) + stat.at(kSystemTicks)) / ticksPerSecond();
    });
  });
  add("process_threads", Type::kGauge, "Threads of the process.",
      [] { return ofStat([](const Stat& stat) { return stat.at(kThreads); }); });
  add("process_open_fds", Type::kGauge, "Open file descriptors.", openDescriptors);
  add("process_max_fds", Type::kGauge, "File descriptors that the process may open.",
      mostDescriptors);
  add("process_start_time_seconds", Type::kGauge,
      "When the process was started, in seconds of the epoch.", startTime);
}

}  // namespace vestibule
