// What a running server tells Prometheus after real traffic: in the format, of known labels, as
// docs/metrics.md says, and not longer for anything that a client sends.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "http/route_class.h"
#include "jit/codes.h"
#include "scim/tolerance/tolerances.h"
#include "support/exposition.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr const char* kJson = "Content-Type: application/json";

std::string login(const std::string& provider, const std::string& subject) {
  return R"({"identityProvider":")" + provider + R"(","subject":")" + subject +
         R"(","claims":{"uid":")" + subject + R"("}})";
}

class ServedMetrics : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder->path() / "data");
    admin = server->token("admin", "admin");
    scim = server->token("scim", "scim:read scim:write");
    jit = server->token("jit", "jit");
    // With what the format has to escape.
    for (const char* name : {"acme", R"(a \"quoted\" \\ name)"}) {
      const auto made = server->internal(
          "POST", "/admin/v1/identity-providers", admin,
          std::string(R"({"name":")") + name +
              R"(","claims":{"userIdClaim":"uid"},"jit":{"isEnabled":true,"userstore":"PRIMARY"}})",
          {kJson});
      ASSERT_EQ(made.status, 201) << made.body;
    }
    const auto mirror =
        server->internal("PUT", "/admin/v1/outbound/mirror", admin,
                         R"({"name":"mirror","enabled":false,"baseUrl":"http://127.0.0.1:9",)"
                         R"("authentication":{"type":"none"}})",
                         {kJson});
    ASSERT_EQ(mirror.status, 201) << mirror.body;
  }
  static void TearDownTestSuite() {
    server.reset();
    folder.reset();
  }

  static Exposition scrape() { return Exposition(server->internal("GET", "/metrics", admin).body); }
  static int provision(const std::string& body) {
    return server->internal("POST", "/jit/v1/provision", jit, body, {kJson}).status;
  }

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline std::unique_ptr<ServerProcess> server;
  static inline std::string admin, scim, jit;
};

TEST_F(ServedMetrics, CountAndTimeWhatWasAsked) {
  const auto before = scrape();
  ASSERT_EQ(provision(login("acme", "ada.l")), 201);
  ASSERT_EQ(provision(login("acme", "ada.l")), 200);
  ASSERT_EQ(provision(login("acme", "x")), 400);
  ASSERT_EQ(provision(login("nobody", "ada.l")), 404);
  ASSERT_EQ(server->scim("GET", "/scim/v2/Users?count=1", scim).status, 200);
  ASSERT_EQ(server->scim("GET", "/scim/v2/Users/x", scim).status, 404);
  ASSERT_EQ(server->scim("GET", "/no/such/path", scim).status, 404);
  const auto after = scrape();
  const auto grown = [&](const std::string& name, const Labels& labels) {
    return after.value(name, labels) - before.value(name, labels);
  };
  struct Row {
    const char* name;
    Labels labels;
    double grown;
  };
  for (const auto& [name, labels, by] : std::vector<Row>{
           {"vestibule_responses_total", {{"route", "jit_provision"}, {"status", "2xx"}}, 2},
           {"vestibule_responses_total", {{"route", "jit_provision"}, {"status", "4xx"}}, 2},
           {"vestibule_responses_total", {{"route", "scim_list"}, {"status", "2xx"}}, 1},
           {"vestibule_responses_total", {{"route", "scim_read"}, {"status", "4xx"}}, 1},
           {"vestibule_responses_total", {{"route", "none"}, {"status", "4xx"}}, 1},
           {"vestibule_responses_total", {{"route", "scim_create"}, {"status", "2xx"}}, 0},
           {"vestibule_request_duration_seconds_count", {{"route", "jit_provision"}}, 4},
           {"vestibule_jit_decisions_total",
            {{"identity_provider", "acme"}, {"outcome", "created"}},
            1},
           {"vestibule_jit_decisions_total",
            {{"identity_provider", "acme"}, {"outcome", "unchanged"}},
            1},
           {"vestibule_jit_decisions_total",
            {{"identity_provider", "acme"}, {"outcome", "refused"}},
            1},
           {"vestibule_jit_decisions_total",
            {{"identity_provider", "/unknown"}, {"outcome", "refused"}},
            1},
           {"vestibule_jit_decisions_total",
            {{"identity_provider", "/other"}, {"outcome", "refused"}},
            0},
           {"vestibule_requests_total", {{"listener", "public"}}, 3},
       }) {
    EXPECT_EQ(grown(name, labels), by) << name << ' ' << testing::PrintToString(labels);
  }
  EXPECT_EQ(after.value("vestibule_jit_refusals_total",
                        {{"identity_provider", "/unknown"}, {"code", "JIT-1001"}}),
            1);
  EXPECT_GT(grown("vestibule_request_duration_seconds_sum", {{"route", "jit_provision"}}), 0);
  EXPECT_GT(grown("vestibule_request_stage_duration_seconds_sum", {{"stage", "handler"}}), 0);
  EXPECT_GE(grown("vestibule_database_session_wait_seconds_count", {}), 4);
  EXPECT_GT(after.value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(after.value("process_start_time_seconds"), 1e9);
  EXPECT_EQ(after.value("vestibule_queue_capacity", {{"listener", "public"}}), 1024);
}

TEST_F(ServedMetrics, HaveLabelsFromKnownSetsWhateverClientsSend) {
  EXPECT_EQ(provision(login("acme", "bob.b")), 201);
  EXPECT_EQ(provision(login("nobody", "bob.b")), 404);
  const auto series = [](const Exposition& scraped) {
    std::set<std::pair<std::string, Labels>> all;
    for (const auto& [name, family] : scraped.families) {
      for (const auto& [one, value] : family.samples) all.insert(one);
    }
    return all;
  };
  // Those of codes appear with the first refusal by each.
  const auto before = series(scrape());
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(provision(login("evil-" + number, "x")), 404);
    EXPECT_EQ(server->scim("GET", "/scim/v2/Evil" + number, scim).status, 404);
    EXPECT_EQ(server->scim("GET", "/evil/" + number, "token" + number).status, 404);
    EXPECT_EQ(server->scim("GET", "/domains/EVIL" + number + "/scim/v2/Users", scim).status, 404);
  }
  EXPECT_EQ(series(scrape()), before);

  std::set<std::string> tolerances;
  for (const auto& row : scim::toleranceTable()) tolerances.emplace(row.name);
  std::set<std::string> codes;
  for (const auto& info : jit::kCodes) codes.emplace(info.code);
  const auto& routes = http::routeClassNames();
  const std::map<std::string, std::set<std::string>> known{
      {"listener", {"public", "internal"}},
      {"route", {routes.begin(), routes.end()}},
      {"status", {"2xx", "3xx", "4xx", "5xx"}},
      {"stage", {"queue", "parked", "handler", "send"}},
      {"reason",
       {"plain_http", "version", "cipher", "client_certificate", "client_alert", "too_late",
        "other", "later"}},
      {"tolerance", tolerances},
      {"code", codes},
      {"outcome",
       {"created", "linked", "updated", "unchanged", "prompt", "skipped", "refused", "failed",
        "sent", "postponed"}},
      {"target", {"mirror"}},
      {"identity_provider", {"acme", "a \"quoted\" \\ name", "/other", "/unknown"}},
      {"kind",
       {"audit_event", "audit_trace", "prompt", "deletes", "deactivations", "membershipRemovals",
        "push", "poll", "webhook"}},
      {"result", {"done", "failed", "delivered", "refused", "given_up"}},
      {"cause", {"deadlock", "session_lost"}},
      {"state", {"in_use", "idle", "queued", "running", "dead", "waiting", "failed"}}};
  for (const auto& [name, labels] : before) {
    for (const auto& [label, value] : labels) {
      if (label == "le" || name == "vestibule_build_info") continue;
      ASSERT_TRUE(known.contains(label)) << name << ": " << label;
      EXPECT_TRUE(known.at(label).contains(value)) << name << ": " << label << '=' << value;
    }
  }
}

TEST_F(ServedMetrics, AreThoseThatTheDocumentTells) {
  provision(login("nobody", "x"));
  std::map<std::string, std::string> served;
  ASSERT_TRUE(eventually([&] {
    served.clear();
    for (const auto& [name, family] : scrape().families) {
      std::string told = family.type;
      for (const auto& label : family.labelNames()) told += ' ' + label;
      served[name] = told;
    }
    return served.contains("vestibule_prompts_open") &&
           served.contains("vestibule_outbound_resources");
  }));
  std::map<std::string, std::string> documented;
  std::ifstream document(std::filesystem::path(VESTIBULE_SOURCE_DIR) / "docs/metrics.md");
  const std::regex row(R"(\| `([a-z_]+)` \| (counter|gauge|histogram) \|([^|]*)\| .+ \|)");
  for (std::string line; std::getline(document, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    std::set<std::string> labels;
    std::istringstream words(std::regex_replace(found[3].str(), std::regex("[`,]"), " "));
    for (std::string label; words >> label;) labels.insert(label);
    std::string told = found[2];
    for (const auto& label : labels) told += ' ' + label;
    EXPECT_TRUE(documented.emplace(found[1], told).second) << line;
  }
  EXPECT_EQ(served, documented);
}

TEST_F(ServedMetrics, OfAnIdentityProviderEndWithIt) {
  const auto has = [&](const std::string& name) {
    const auto scraped = scrape();
    const auto& samples = scraped.families.at("vestibule_jit_decisions_total").samples;
    return samples.contains(
        {"vestibule_jit_decisions_total", {{"identity_provider", name}, {"outcome", "created"}}});
  };
  EXPECT_FALSE(has("passing"));
  ASSERT_EQ(server
                ->internal("POST", "/admin/v1/identity-providers", admin,
                           R"({"name":"passing","jit":{"isEnabled":true}})", {kJson})
                .status,
            201);
  EXPECT_TRUE(has("passing")) << "with zeros, before its first login";
  ASSERT_EQ(server->internal("DELETE", "/admin/v1/identity-providers/passing", admin).status, 204);
  EXPECT_FALSE(has("passing"));
}

}  // namespace
}  // namespace vestibule::test
