#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace vestibule {
namespace {

TEST(Metrics, AreToldInTheFormOfPrometheus) {
  Metrics metrics;
  EXPECT_EQ(metrics.text(), "");
  Counter& doors = metrics.addCounter("doors_total", "Doors used.", "door", {"front", "back"});
  metrics.addCounter("windows_total", "Windows broken.", "side", {"south"});
  doors.add(1);
  doors.add(1);
  EXPECT_EQ(metrics.text(),
            "# HELP doors_total Doors used.\n# TYPE doors_total counter\n"
            "doors_total{door=\"front\"} 0\ndoors_total{door=\"back\"} 2\n"
            "# HELP windows_total Windows broken.\n# TYPE windows_total counter\n"
            "windows_total{side=\"south\"} 0\n");
}

TEST(Metrics, CountFromSeveralThreads) {
  Metrics metrics;
  Counter& counter = metrics.addCounter("n_total", "N.", "k", {"v"});
  const auto count = [&] {
    for (int i = 0; i < 10'000; ++i) counter.add(0);
  };
  std::thread other(count);
  count();
  other.join();
  EXPECT_NE(metrics.text().find("n_total{k=\"v\"} 20000\n"), std::string::npos);
}

}  // namespace
}  // namespace vestibule
