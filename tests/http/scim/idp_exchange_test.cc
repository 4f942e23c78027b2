// The exchanges of identity providers, played against a running server.

#include "support/idp_exchange.h"

#include <gtest/gtest.h>

#include "http/scim/scim_server.h"

namespace vestibule::test {
namespace {

Answer send(const ExchangeRequest& request, const std::string& base, const std::string& token) {
  std::string target = base + request.path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target += separator + name + "=" + percentEncode(value);
    separator = '&';
  }
  return ScimServer::get().process().scim(request.method, target, token,
                                          request.body ? json::write(*request.body) : std::string(),
                                          request.headers);
}

/// Plays the steps in a domain of their own; all but the setup with these tolerances.
void play(const std::vector<ExchangeStep>& steps, const std::string& tolerances) {
  auto& server = ScimServer::get();
  const std::string domain = server.emptyDomain();
  const std::string base = ScimServer::baseOf(domain);
  const std::string preparing = server.tokenWith("default");
  const std::string token = server.tokenWith(tolerances);
  ExchangeIds ids{{"domain", domain}};
  for (const ExchangeStep& step : steps) {
    const ExchangeRequest request = filled(step.request, ids);
    const Answer answer = send(request, base, step.prepares ? preparing : token);
    ASSERT_EQ(mismatch(step.expected, ids, answer.status, answer.json()), "")
        << request.method << " " << request.path << " with " << tolerances;
    if (!step.as.empty()) ids[step.as] = answer.json().stringAt("id").value_or("");
  }
}

class IdpExchange : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(IdpExchange, KeepsTheClientGoing) {
  const Result<Exchange> exchange = readExchange(GetParam());
  ASSERT_TRUE(exchange) << exchange.error().detail;
  SCOPED_TRACE(exchange->row + ": " + exchange->name);
  play(exchange->steps, exchange->tolerances);
}

class StrictIdpExchange : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(StrictIdpExchange, IsRefused) {
  const Result<Exchange> exchange = readExchange(GetParam());
  ASSERT_TRUE(exchange) << exchange.error().detail;
  SCOPED_TRACE(exchange->row + ": " + exchange->name);
  play(exchange->strict_steps, "strict");
}

std::string exchangeName(const ::testing::TestParamInfo<std::filesystem::path>& row) {
  std::string name = row.param.parent_path().filename().string() + "_" + row.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The files that say what becomes of their request where nothing is tolerated.
std::vector<std::filesystem::path> strictFiles() {
  auto files = exchangeFiles();
  std::erase_if(files, [](const auto& file) {
    const auto exchange = readExchange(file);
    return exchange && exchange->strict_steps.empty();
  });
  return files;
}

INSTANTIATE_TEST_SUITE_P(Golden, StrictIdpExchange, ::testing::ValuesIn(strictFiles()),
                         exchangeName);
INSTANTIATE_TEST_SUITE_P(Golden, IdpExchange, ::testing::ValuesIn(exchangeFiles()), exchangeName);

TEST(IdpExchangeFormat, BodiesMatchAsParts) {
  struct Case {
    const char* expected;
    const char* actual;
    bool matches;
  };
  const Case cases[] = {
      {R"({"a": 1})", R"({"b": 2, "a": 1})", true},
      {R"({"a": 1})", R"({"a": 2})", false},
      {R"({"a": null})", R"({"b": 2})", true},
      {R"({"a": null})", R"({"a": null})", false},
      {R"({"a": null})", R"({"a": []})", false},
      {R"([1, 2])", R"([2, 1])", true},
      {R"([1])", R"([2, 1])", false},
      {R"([1, 1])", R"([1, 2])", false},
      {R"([{"a": 1}, {"a": 1, "b": 2}])", R"([{"a": 1, "b": 2}, {"a": 1}])", true},
      {R"([])", R"([1])", false},
      {R"("x")", R"("X")", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(isPartOf(*json::parse(c.expected), *json::parse(c.actual)), c.matches)
        << c.expected << " in " << c.actual;
  }
}

}  // namespace
}  // namespace vestibule::test
