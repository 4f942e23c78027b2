#include "jit/forward_auth_settings.h"

#include <gtest/gtest.h>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::compile;
using test::parsed;

constexpr const char* kIdToken = R"("idToken": {"issuer": "https://idp.example",
    "clientIds": ["gateway"], "jwksUri": "https://idp.example/keys")";

json::Value documentWith(const std::string& sections) {
  return parsed(R"({"name": "idp", )" + sections + "}");
}

TEST(ForwardAuthSettings, HaveTheirDefaultsWrittenOut) {
  const auto provider =
      compile(documentWith(R"("forwardAuth": {"subjectHeader": "X-Forwarded-User", "claimHeaders": [
          {"header": "X-Forwarded-Email", "claim": "email"},
          {"header": "X-Forwarded-Groups", "claim": "groups", "separator": ","}]})"));
  ASSERT_TRUE(provider) << provider.error().detail;
  EXPECT_EQ(json::write(*provider->document.find("forwardAuth")),
            R"({"subjectHeader":"X-Forwarded-User","claimHeaders":[)"
            R"({"header":"X-Forwarded-Email","claim":"email","separator":""},)"
            R"({"header":"X-Forwarded-Groups","claim":"groups","separator":","}],)"
            R"("cacheSeconds":10})");
  const auto again = compile(provider->document);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->document, provider->document);
  ASSERT_TRUE(provider->forward_auth);
  EXPECT_EQ(provider->forward_auth->subject_header, "X-Forwarded-User");
  EXPECT_EQ(provider->forward_auth->claim_headers.size(), 2U);
  EXPECT_EQ(provider->forward_auth->cache, std::chrono::seconds(10));
}

TEST(ForwardAuthSettings, AreNotThereWithoutTheirSection) {
  const auto provider = compile(documentWith(R"("enabled": true)"));
  ASSERT_TRUE(provider);
  EXPECT_FALSE(provider->forward_auth);
  EXPECT_EQ(provider->document.find("forwardAuth"), nullptr);
}

TEST(ForwardAuthSettings, TakeATokenInPlaceOfHeaders) {
  const auto provider =
      compile(documentWith(std::string(kIdToken) + R"(}, "forwardAuth": {"idTokenHeader":
          "X-Id-Token", "cacheSeconds": 0})"));
  ASSERT_TRUE(provider) << provider.error().detail;
  EXPECT_EQ(json::write(*provider->document.find("forwardAuth")),
            R"({"idTokenHeader":"X-Id-Token","cacheSeconds":0})");
  EXPECT_EQ(provider->forward_auth->cache, std::chrono::seconds(0));
  const auto optional =
      compile(documentWith(std::string(kIdToken) + R"(, "required": false}, "forwardAuth":
          {"subjectHeader": "X-User"})"));
  EXPECT_TRUE(optional) << optional.error().detail;
}

TEST(ForwardAuthSettings, ThatCannotWorkAreRefusedWithTheirPlace) {
  const struct {
    std::string section;
    std::string says;
  } kCases[] = {
      {"{}", "/forwardAuth/subjectHeader: is needed"},
      {R"({"subjectHeader": ""})", "/forwardAuth/subjectHeader: is needed"},
      {R"({"subjectHeader": 7})", "/forwardAuth/subjectHeader"},
      {R"({"subjectHeader": "X User"})", "/forwardAuth/subjectHeader: 'X User' is no name"},
      {R"({"subjectHeader": "X:User"})", "is no name"},
      {R"({"subjectHeader": "authorization"})", "is no name of a header that a proxy may set"},
      {R"({"subjectHeader": "X-User", "other": 1})", "other"},
      {R"({"subjectHeader": "X-User", "claimHeaders": [{"header": "x-user", "claim": "c"}]})",
       "/forwardAuth/claimHeaders/0/header: 'x-user' is named twice"},
      {R"({"subjectHeader": "X-User", "claimHeaders": [{"header": "A", "claim": "c"},
           {"header": "B", "claim": "c"}]})",
       "/forwardAuth/claimHeaders/1/claim: 'c' comes from two headers"},
      {R"({"subjectHeader": "X-User", "claimHeaders": [{"claim": "c"}]})",
       "/forwardAuth/claimHeaders/0/header: is needed"},
      {R"({"subjectHeader": "X-User", "claimHeaders": [{"header": "A"}]})",
       "/forwardAuth/claimHeaders/0/claim"},
      {R"({"subjectHeader": "X-User", "claimHeaders": [{"header": "A", "claim": "c",
           "separator": "123456789"}]})",
       "/forwardAuth/claimHeaders/0/separator: is longer"},
      {R"({"subjectHeader": "X-User", "cacheSeconds": 301})",
       "/forwardAuth/cacheSeconds: must be a whole number from 0 to 300"},
      {R"({"subjectHeader": "X-User", "cacheSeconds": -1})", "/forwardAuth/cacheSeconds"},
      {R"({"subjectHeader": "X-User", "idTokenHeader": "X-Token"})",
       "/forwardAuth/idTokenHeader: an ID token says subject and claims"},
      {R"({"idTokenHeader": "X-Token"})", "/forwardAuth/idTokenHeader: needs the section idToken"},
  };
  for (const auto& test : kCases) {
    const auto provider = compile(documentWith(R"("forwardAuth": )" + test.section));
    ASSERT_FALSE(provider) << test.section;
    EXPECT_EQ(provider.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(provider.error().detail.find(test.says), std::string::npos)
        << provider.error().detail;
  }
  const auto contradiction = compile(
      documentWith(std::string(kIdToken) + R"(}, "forwardAuth": {"subjectHeader": "X-U"})"));
  ASSERT_FALSE(contradiction);
  EXPECT_NE(contradiction.error().detail.find("/forwardAuth: names no idTokenHeader"),
            std::string::npos)
      << contradiction.error().detail;
}

}  // namespace
}  // namespace vestibule::jit
