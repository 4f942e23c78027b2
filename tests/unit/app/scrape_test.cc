#include "app/scrape.h"

#include <gtest/gtest.h>

#include "app/top_view.h"
#include "json/write.h"

namespace vestibule::app {
namespace {

Scrape read(const std::string& text) {
  auto scrape = Scrape::read(text);
  EXPECT_TRUE(scrape) << scrape.error().detail;
  return scrape ? *std::move(scrape) : Scrape();
}

TEST(Scrape, SumsTheSeriesThatAreAskedFor) {
  const auto scrape = read(
      "# HELP a_total A.\n# TYPE a_total counter\n"
      "a_total{x=\"1\",y=\"p\"} 2\na_total{x=\"1\",y=\"q\"} 3\na_total{x=\"\\\"\\\\\\n\"} 4.5\n"
      "b 1e+06\n");
  EXPECT_EQ(scrape.sum("a_total"), 9.5);
  EXPECT_EQ(scrape.sum("a_total", {{"x", "1"}}), 5);
  EXPECT_EQ(scrape.sum("a_total", {{"x", "1"}, {"y", "q"}}), 3);
  EXPECT_EQ(scrape.sum("a_total", {{"x", "\"\\\n"}}), 4.5);
  EXPECT_EQ(scrape.sum("b"), 1'000'000);
  EXPECT_EQ(scrape.sum("a_total", {{"x", "2"}}), std::nullopt);
  EXPECT_EQ(scrape.sum("c"), std::nullopt);
  EXPECT_EQ(scrape.valuesOf("a_total", "y"), (std::set<std::string>{"p", "q"}));
}

TEST(Scrape, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"a", "a ", "a x", "a{", "a{x}", "a{x=\"1} 1", "a{x=\"1\" 1", "a 1 2\n",
                           "<html>", "a{x=\"1\\"}) {
    EXPECT_FALSE(Scrape::read(std::string("# fine\n") + text)) << text;
  }
}

TEST(Interval, TellsRatesAndTakesASmallerCounterForANewOne) {
  const auto before = read("n_total{k=\"a\"} 100\nn_total{k=\"b\"} 7\n");
  const auto after = read("n_total{k=\"a\"} 130\nn_total{k=\"b\"} 3\nnew_total 8\n");
  const Interval interval(before, after, 2);
  EXPECT_EQ(interval.rate("n_total", {{"k", "a"}}), 15);
  EXPECT_EQ(interval.rate("n_total", {{"k", "b"}}), 1.5);
  EXPECT_EQ(interval.rate("new_total"), 4);
  EXPECT_EQ(interval.rate("none_total"), 0);
}

// As histogram_quantile of Prometheus.
TEST(Interval, TellsQuantilesOfWhatCameBetween) {
  const auto before =
      read("t_bucket{le=\"1\"} 10\nt_bucket{le=\"2\"} 10\nt_bucket{le=\"+Inf\"} 10\n");
  const auto with = [](int one, int two, int all) {
    const auto line = [](const char* le, int count) {
      return std::string("t_bucket{le=\"") + le + "\"} " + std::to_string(10 + count) + "\n";
    };
    return line("1", one) + line("2", two) + line("+Inf", all);
  };
  struct Row {
    std::string after;
    double part;
    std::optional<double> expected;
  };
  for (const auto& [text, part, expected] : std::vector<Row>{
           {with(0, 0, 0), 0.5, std::nullopt},
           {with(4, 4, 4), 0.5, 0.5},
           {with(4, 4, 4), 1, 1},
           {with(5, 10, 10), 0.5, 1},
           {with(5, 10, 10), 0.75, 1.5},
           {with(0, 10, 10), 0.9, 1.9},
           {with(0, 0, 10), 0.5, 2},
       }) {
    const auto after = read(text);
    EXPECT_EQ(Interval(before, after, 1).quantile(part, "t"), expected) << text << part;
  }
  EXPECT_EQ(Interval(before, before, 1).quantile(0.5, "other"), std::nullopt);
}

TEST(TopView, ShowsWhatHappenedAndLeavesTheRestOut) {
  const std::string gauges =
      "vestibule_build_info{version=\"1.2.3\",commit=\"c\"} 1\nprocess_start_time_seconds 1000\n"
      "process_resident_memory_bytes 104857600\nvestibule_queue_waiting{listener=\"public\"} 3\n"
      "vestibule_database_sessions{state=\"in_use\"} 2\n";
  const auto before = read(gauges +
                           "process_cpu_seconds_total 1\n"
                           "vestibule_responses_total{route=\"scim_read\",status=\"2xx\"} 5\n"
                           "vestibule_responses_total{route=\"admin\",status=\"2xx\"} 5\n");
  const auto after =
      read(gauges +
           "process_cpu_seconds_total 1.5\n"
           "vestibule_responses_total{route=\"scim_read\",status=\"2xx\"} 25\n"
           "vestibule_responses_total{route=\"scim_read\",status=\"5xx\"} 10\n"
           "vestibule_responses_total{route=\"admin\",status=\"2xx\"} 5\n"
           "vestibule_request_duration_seconds_bucket{route=\"scim_read\",le=\"0.001\"} 30\n"
           "vestibule_request_duration_seconds_bucket{route=\"scim_read\",le=\"+Inf\"} 30\n"
           "vestibule_jit_decisions_total{identity_provider=\"a\\nb\",outcome=\"refused\"} 4\n"
           "vestibule_jit_refusals_total{identity_provider=\"a\\nb\",code=\"JIT-1203\"} 4\n");
  const auto picture = pictureOf(Interval(before, after, 2), 1'000 + 7'260);
  EXPECT_EQ(picture.version, "1.2.3");
  EXPECT_EQ(picture.uptime, 7'260);
  EXPECT_EQ(picture.cpu, 0.25);
  EXPECT_EQ(picture.listeners.at(0).waiting, 3);
  EXPECT_EQ(picture.listeners.at(1).waiting, std::nullopt);
  EXPECT_EQ(picture.sessions_in_use, 2);
  EXPECT_EQ(picture.sessions_idle, std::nullopt);
  ASSERT_EQ(picture.routes.size(), 1U) << "nothing was asked of admin";
  EXPECT_EQ(picture.routes.at(0).responses, 15);
  EXPECT_EQ(picture.routes.at(0).failed, 5);
  EXPECT_NEAR(picture.routes.at(0).p99.value_or(0), 0.00099, 1e-9);
  ASSERT_EQ(picture.refusals.size(), 1U);
  EXPECT_EQ(picture.refusals.at(0).rate, 2);

  const json::Object described = describe(picture);
  const auto textOf = [&](const char* member) { return json::write(*described.find(member)); };
  EXPECT_EQ(textOf("promptsOpen"), "null");
  EXPECT_EQ(textOf("operations"), R"({"queued":null,"running":null,"dead":null})");
  EXPECT_TRUE(textOf("logins").starts_with(R"([{"name":"a\nb","perSecond":{"refused":2)"))
      << textOf("logins");
  const std::string shown = show(picture);
  EXPECT_TRUE(
      shown.starts_with("vestibule 1.2.3  up 2 h 1 min  cpu 25.0 %  memory 100 MiB  "
                        "descriptors - of -\n"))
      << shown;
  EXPECT_NE(shown.find("\nscim_read               15.0       5.0      0.50 ms      0.95 ms      "
                       "0.99 ms\n"),
            std::string::npos)
      << shown;
  EXPECT_EQ(shown.find("admin"), std::string::npos);
  EXPECT_NE(shown.find("\na\\x0ab "), std::string::npos) << "one line a name";
}

}  // namespace
}  // namespace vestibule::app
