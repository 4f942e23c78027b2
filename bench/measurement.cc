#include "measurement.h"

#include <unistd.h>
#include <ctime>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

#include "json/value.h"
#include "json/write.h"

namespace vestibule::bench {
namespace {

constexpr std::chrono::milliseconds kWarmUp{500};
constexpr double kTolerableErrors = 0.001;

std::optional<double> processorSeconds(pid_t pid) {
  if (pid == 0) return std::nullopt;
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    return std::nullopt;
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::optional<double> difference(std::optional<double> before, std::optional<double> after) {
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

double percentile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(at)]);
}

double rounded(double value) { return std::round(value * 10) / 10; }

}  // namespace

Window Window::afterWarmUp(double seconds) {
  const auto length =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  const auto begin = Clock::now() + std::min<Clock::duration>(kWarmUp, length / 5);
  return {begin, begin + length};
}

void Samples::fail(std::string what) {
  if (errors++ == 0) first_error = std::move(what);
}

void ProcessorTimes::follow(const Window& window) {
  std::this_thread::sleep_until(window.begin);
  const auto own = processorSeconds(getpid());
  const auto server = processorSeconds(watched_.server);
  const auto database = processorSeconds(watched_.database);
  std::this_thread::sleep_until(window.end);
  own_ = difference(own, processorSeconds(getpid()));
  server_ = difference(server, processorSeconds(watched_.server));
  database_ = difference(database, processorSeconds(watched_.database));
}

int report(std::string_view operation, const Window& window, std::vector<Samples>& all,
           const ProcessorTimes& times) {
  std::vector<float> latencies;
  std::uint64_t errors = 0;
  std::string first_error;
  auto end = window.end;
  for (const auto& samples : all) {
    latencies.insert(latencies.end(), samples.microseconds.begin(), samples.microseconds.end());
    errors += samples.errors;
    if (first_error.empty()) first_error = samples.first_error;
    if (samples.exhausted) end = std::min(end, *samples.exhausted);
  }
  // Whatever ran out before the window began leaves nothing to report.
  const double seconds = std::max(std::chrono::duration<double>(end - window.begin).count(), 1e-3);
  const auto count = static_cast<double>(latencies.size());
  const auto each = [&](std::optional<double> spent) {
    return spent && count > 0 ? json::Value(rounded(*spent / count * 1e6)) : json::Value();
  };
  const json::Object result{
      {"operation", operation},
      {"operations", static_cast<std::uint64_t>(latencies.size())},
      {"errors", errors},
      {"ops_per_s", rounded(count / seconds)},
      {"p50_us", rounded(percentile(latencies, 0.50))},
      {"p99_us", rounded(percentile(latencies, 0.99))},
      {"cpu_us_own", each(times.own())},
      {"cpu_us_server", each(times.server())},
      {"cpu_us_database", each(times.database())},
  };
  static_cast<void>(std::printf("%s\n", json::write(result).c_str()));
  if (errors > 0) {
    static_cast<void>(std::fprintf(stderr, "%s: %llu errors, the first: %s\n",
                                   std::string(operation).c_str(),
                                   static_cast<unsigned long long>(errors), first_error.c_str()));
  }
  const bool is_void = latencies.empty() || static_cast<double>(errors) > count * kTolerableErrors;
  return is_void ? 1 : 0;
}

}  // namespace vestibule::bench
