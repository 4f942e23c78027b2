#include <gtest/gtest.h>

#include "unit/scim/patch/patch_fixture.h"

namespace vestibule::scim {
namespace {

using test::kStrict;
using test::parsed;
using test::patchMessage;
using test::schemas;

Result<std::vector<PatchOperation>> read(const json::Value& body, Tolerating tolerating = {},
                                         std::vector<std::string>* dropped = nullptr) {
  return parsePatch(*schemas().registry, *schemas().user, body, tolerating, dropped);
}

TEST(PatchRequest, F1_HasAPatchSchemaAndOperations) {
  struct Case {
    const char* body;
    ErrorKind kind;
  };
  constexpr const char* kOps = R"("Operations": [{"op": "add", "path": "title", "value": "T"}])";
  const std::string good =
      std::string(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], )") + kOps +
      "}";
  EXPECT_TRUE(read(parsed(good)));
  EXPECT_TRUE(read(parsed(
      std::string(R"({"SCHEMAS": ["URN:ietf:params:scim:api:messages:2.0:patchop", "urn:x"], )") +
      kOps + "}")));
  const Case cases[] = {
      {"null", ErrorKind::kInvalidSyntax},
      {"[]", ErrorKind::kInvalidSyntax},
      {R"("x")", ErrorKind::kInvalidSyntax},
      {"{}", ErrorKind::kInvalidSyntax},
      {R"({"Operations": [{"op": "add", "path": "title", "value": "T"}]})",
       ErrorKind::kInvalidSyntax},
      {R"({"schemas": "urn:ietf:params:scim:api:messages:2.0:PatchOp", "Operations": []})",
       ErrorKind::kInvalidSyntax},
      {R"({"schemas": [5], "Operations": []})", ErrorKind::kInvalidSyntax},
      {R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
           "Operations": [{"op": "add", "path": "title", "value": "T"}]})",
       ErrorKind::kInvalidSyntax},
  };
  for (const Case& c : cases) {
    Result<std::vector<PatchOperation>> result = read(parsed(c.body));
    ASSERT_FALSE(result) << c.body;
    EXPECT_EQ(result.error().kind, c.kind) << c.body;
  }
  for (const char* operations :
       {"null", "{}", "[]", "[5]", "[null]", "[{}]", R"([{"op": "move", "path": "title"}])",
        R"([{"op": 1}])", R"([{"op": null, "path": "title"}])",
        R"([{"path": "title", "value": "x"}])", R"([[]])"}) {
    Result<std::vector<PatchOperation>> result = read(patchMessage(operations));
    ASSERT_FALSE(result) << operations;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidSyntax) << operations;
  }
}

TEST(PatchRequest, S14_HasALimitedNumberOfOperations) {
  const auto message = [](std::size_t count) {
    std::string operations = "[";
    for (std::size_t i = 0; i < count; ++i) {
      operations += i == 0 ? "" : ",";
      operations += R"({"op":"remove","path":"title"})";
    }
    return patchMessage(operations + "]");
  };
  EXPECT_TRUE(read(message(kMaxPatchOperations)));
  Result<std::vector<PatchOperation>> result = read(message(kMaxPatchOperations + 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kPayloadTooLarge);
}

TEST(PatchRequest, ReadsOperatorsInAnyCaseAndIgnoresOtherMembers) {
  Result<std::vector<PatchOperation>> result = read(patchMessage(
      R"([{"OP": "Replace", "PATH": "title", "VALUE": "x", "name": "n"}, {"op": "REMOVE", "path": "title"}])"));
  ASSERT_TRUE(result) << result.error().detail;
  ASSERT_EQ(result->size(), 2U);
  EXPECT_EQ((*result)[0].verb, PatchVerb::kReplace);
  EXPECT_EQ((*result)[0].position, 1U);
  EXPECT_EQ((*result)[1].verb, PatchVerb::kRemove);
  EXPECT_EQ((*result)[1].position, 2U);
}

TEST(PatchRequest, SplitsAPathlessValue) {
  Result<std::vector<PatchOperation>> result = read(patchMessage(
      R"([{"op": "replace", "value": {"title": "T", "name.givenName": "G", "ENT:department": "D",
          "ENT": {"manager.value": "m"}, "emails[type eq \"work\"].value": "e"}}])"));
  ASSERT_TRUE(result) << result.error().detail;
  std::vector<std::string> paths;
  for (const PatchOperation& operation : *result) {
    EXPECT_EQ(operation.position, 1U);
    paths.push_back(operation.attribute.text());
  }
  const std::string enterprise = test::kEnterprise;
  EXPECT_EQ(paths, (std::vector<std::string>{"title", "name.givenName", enterprise + ":department",
                                             enterprise + ":manager.value", "emails.value"}));
  ASSERT_TRUE(result->back().selection);
  EXPECT_EQ(printFilter(*result->back().selection), R"(type eq "work")");
  ASSERT_EQ(result->back().implied.size(), 1U);
  EXPECT_EQ(result->back().implied[0].text(), "emails.type");
  EXPECT_EQ(json::write(result->back().implied_values[0]), R"("work")");
}

TEST(PatchRequest, WithoutTheToleranceKeysAreNamesOnly) {
  const Tolerances names_only = defaultTolerances().without(Tolerance::kDottedKeysInValue);
  std::vector<std::string> dropped;
  Result<std::vector<PatchOperation>> ignored =
      read(patchMessage(
               R"([{"op": "add", "value": {"name.givenName": "G", "ENT": {"department": "D"}}}])"),
           names_only, &dropped);
  ASSERT_TRUE(ignored) << ignored.error().detail;
  EXPECT_EQ(ignored->size(), 1U);
  EXPECT_EQ(dropped, std::vector<std::string>{"name.givenName"});
  Result<std::vector<PatchOperation>> refused =
      read(patchMessage(R"([{"op": "add", "value": {"name.givenName": "G"}}])"), kStrict);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidPath);
}

TEST(PatchRequest, NamesWhatItIgnored) {
  std::vector<std::string> dropped;
  Result<std::vector<PatchOperation>> result = read(
      patchMessage(
          R"([{"op": "replace", "value": {"id": "x", "nonesuch": 1, "ENT": {"odd": 2}, "schemas": [], "title": "T"}}])"),
      {}, &dropped);
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(dropped, (std::vector<std::string>{
                         "id", "nonesuch", std::string(test::kEnterprise) + ":odd", "schemas"}));
  dropped.clear();
  TolerancesFired fired;
  result = read(patchMessage(R"([{"op": "replace", "value": {"schemas": ["USER", "urn:x"]}}])"),
                {defaultTolerances(), &fired}, &dropped);
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(dropped, std::vector<std::string>{"urn:x"});
  EXPECT_EQ(fired.names(), "unknown_schema_uris");
}

TEST(PatchRequest, ASchemasThatIsRightNeedsNoTolerance) {
  TolerancesFired fired;
  std::vector<std::string> dropped;
  EXPECT_TRUE(read(patchMessage(R"([{"op": "replace", "value": {"schemas": ["USER", "ENT"]}}])"),
                   {defaultTolerances(), &fired}, &dropped));
  EXPECT_TRUE(fired.empty()) << fired.names();
  EXPECT_TRUE(dropped.empty());
}

TEST(PatchRequest, S2_RefusesNamesOutsideAscii) {
  Result<std::vector<PatchOperation>> result =
      read(patchMessage("[{\"op\": \"add\", \"value\": {\"titl\xC3\xA9\": 1}}]"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidSyntax);
}

TEST(PatchRequest, ABadFilterInAKeyIsNotAnUnknownAttribute) {
  Result<std::vector<PatchOperation>> result =
      read(patchMessage(R"([{"op": "add", "value": {"emails[type = \"work\"].value": "x"}}])"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidFilter);
}

TEST(PatchRequest, HostilePathsAreRefused) {
  const std::string user = "urn:ietf:params:scim:schemas:core:2.0:User:";
  const std::string paths[] = {std::string(10'000, 'a'),
                               "emails[" + std::string(8'000, '('),
                               "emails[" + std::string(4'000, '(') + "]",
                               "emails[value eq \\\"" + std::string(9'000, 'x') + "\\\"]",
                               "emails[value eq \\\"\\\\u0000\\\"]",
                               "emails[value eq \\\"\\\\ud800\\\"]",
                               std::string(5'000, '['),
                               "emails[password eq \\\"x\\\"]",
                               "' or 1=1 --",
                               "title'; DROP TABLE user; --",
                               "emails.",
                               ".emails",
                               "emails[type eq \\\"work\\\"].",
                               "emails[type eq \\\"work\\\"].value.x",
                               user,
                               user + user + "title"};
  for (const std::string& path : paths) {
    SCOPED_TRACE(path.substr(0, 100));
    Result<std::vector<PatchOperation>> result =
        read(patchMessage(R"([{"op": "replace", "value": "x", "path": ")" + path + R"("}])"));
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().kind == ErrorKind::kInvalidPath ||
                result.error().kind == ErrorKind::kInvalidFilter)
        << result.error().detail;
    EXPECT_LT(result.error().detail.size(), 500U);
  }
}

}  // namespace
}  // namespace vestibule::scim
