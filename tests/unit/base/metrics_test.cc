#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace vestibule {
namespace {

TEST(Metrics, AreToldInTheFormOfPrometheus) {
  Metrics metrics;
  EXPECT_EQ(metrics.text(), "");
  Counter& doors = metrics.addCounter("doors_total", "Doors used.", {{"door", {"front", "back"}}});
  metrics.addCounter("windows_total", "Windows broken.", {{"side", {"south"}}});
  doors.add(1);
  doors.add(1);
  EXPECT_EQ(metrics.text(),
            "# HELP doors_total Doors used.\n# TYPE doors_total counter\n"
            "doors_total{door=\"front\"} 0\ndoors_total{door=\"back\"} 2\n"
            "# HELP windows_total Windows broken.\n# TYPE windows_total counter\n"
            "windows_total{side=\"south\"} 0\n");
}

TEST(Metrics, CountEachCombinationOfLabels) {
  Metrics metrics;
  Counter& counter =
      metrics.addCounter("n_total", "N.", {{"a", {"x", "y"}}, {"b", {"1", "\"2\"\\\n", "3"}}});
  counter.add(1 * 3 + 1, 7);
  EXPECT_NE(metrics.text().find("n_total{a=\"y\",b=\"\\\"2\\\"\\\\\\n\"} 7\n"), std::string::npos)
      << metrics.text();
}

TEST(Metrics, TimesFallIntoBuckets) {
  using std::chrono::microseconds;
  struct Row {
    std::chrono::nanoseconds time;
    const char* first;  ///< the first bucket that has it
  };
  for (const auto& [time, first] : std::vector<Row>{{std::chrono::nanoseconds(-5), "5e-05"},
                                                    {microseconds(0), "5e-05"},
                                                    {microseconds(50), "5e-05"},
                                                    {std::chrono::nanoseconds(50'001), "0.0001"},
                                                    {microseconds(999), "0.001"},
                                                    {microseconds(2'500), "0.0025"},
                                                    {std::chrono::seconds(10), "10"},
                                                    {std::chrono::minutes(3), "+Inf"}}) {
    Metrics metrics;
    Histogram& times = metrics.addHistogram("t_seconds", "T.", {{"k", {"v", "w"}}});
    times.observe(1, time);
    const std::string text = metrics.text();
    const auto hit = text.find("} 1\n");
    const auto line = text.rfind('\n', hit) + 1;
    EXPECT_EQ(text.substr(line, hit - line),
              "t_seconds_bucket{k=\"w\",le=\"" + std::string(first) + '"');
    EXPECT_NE(text.find("t_seconds_count{k=\"w\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("t_seconds_count{k=\"v\"} 0\n"), std::string::npos);
  }
}

TEST(Metrics, SumTimesInSeconds) {
  Metrics metrics;
  Histogram& times = metrics.addHistogram("t_seconds", "T.");
  times.observe(0, std::chrono::milliseconds(1'500));
  times.observe(0, std::chrono::milliseconds(750));
  EXPECT_NE(metrics.text().find("\nt_seconds_sum 2.25\nt_seconds_count 2\n"), std::string::npos)
      << metrics.text();
}

TEST(Metrics, OfWhichNothingIsKnownAreLeftOut) {
  Metrics metrics;
  std::vector<Sample> known;
  metrics.addReading({"g", Reading::Type::kGauge, "G.", [&] { return known; }});
  EXPECT_EQ(metrics.text(), "");
  known = {{{{"k", "a"}}, 1}, {{{"k", "b"}}, 0.25}};
  EXPECT_EQ(metrics.text(), "# HELP g G.\n# TYPE g gauge\ng{k=\"a\"} 1\ng{k=\"b\"} 0.25\n");
}

TEST(Metrics, CountFromSeveralThreads) {
  Metrics metrics;
  Counter& counter = metrics.addCounter("n_total", "N.", {{"k", {"v"}}});
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
