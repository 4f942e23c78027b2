#include "directory/event_stream.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::directory {
namespace {

using scim::test::parsed;

std::string push(const std::string& more) {
  return R"({"name": "crm", "kind": "push", "url": "https://crm.example/e", "audience": ["crm"])" +
         more + "}";
}

TEST(EventStreamSettings, AreWrittenOutWithDefaults) {
  const auto stream = compileEventStream(parsed(push("")));
  ASSERT_TRUE(stream) << stream.error().detail;
  EXPECT_EQ(json::write(stream->document),
            R"({"name":"crm","kind":"push","state":"enabled","description":"",)"
            R"("events":["create","put","patch","delete","activate","deactivate"],)"
            R"("mode":"notice","audience":["crm"],"url":"https://crm.example/e","caFile":"",)"
            R"("allowHttp":false,"attempts":20})");
  const auto again = compileEventStream(stream->document);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->document, stream->document);
}

TEST(EventStreamSettings, EventsOfTheFeedAreThereForWhoAsks) {
  const auto stream = compileEventStream(parsed(push(R"(, "events": ["feed:add", "patch"])")));
  ASSERT_TRUE(stream) << stream.error().detail;
  EXPECT_EQ(json::write(*stream->document.find("events")), R"(["patch","feed:add"])");
  EXPECT_TRUE(store::has(stream->kinds, store::ChangeKind::kFeedAdd));
  EXPECT_FALSE(store::has(stream->kinds, store::ChangeKind::kFeedRemove));
}

struct Wrong {
  std::string document;
  const char* fault;  ///< part of the error
};

TEST(EventStreamSettings, AreRefusedWithTheirPlace) {
  const Wrong kWrong[] = {
      {"[]", "JSON object"},
      {R"({"name": "a"})", "/kind"},
      {R"({"name": "a/b", "kind": "push"})", "/name"},
      {R"({"name": "a", "kind": "carrier pigeon"})", "/kind"},
      {R"({"name": "a", "kind": "push", "audience": ["x"]})", "/url"},
      {R"({"name": "a", "kind": "push", "url": "https://x/"})", "/audience"},
      {push(R"(, "colour": 1)"), "/colour"},
      {push(R"(, "state": "off")"), "/state"},
      {push(R"(, "mode": "half")"), "/mode"},
      {push(R"(, "events": [])"), "/events"},
      {push(R"(, "events": ["login"])"), "/events"},
      {push(R"(, "attempts": 0)"), "/attempts"},
      {push(R"(, "caFile": "ca.pem")"), "/caFile"},
      {push(R"(, "pollers": ["t"])"), "/pollers"},
      {push(R"(, "secret": "0123456789abcdef")"), "/secret"},
      {R"({"name": "a", "kind": "poll", "audience": ["x"]})", "/pollers"},
      {R"({"name": "a", "kind": "poll", "audience": ["x"], "pollers": ["t"], "url": "https://x/"})",
       "/url"},
  };
  for (const auto& [document, fault] : kWrong) {
    SCOPED_TRACE(document);
    const auto stream = compileEventStream(parsed(document));
    ASSERT_FALSE(stream);
    EXPECT_NE(stream.error().detail.find(fault), std::string::npos) << stream.error().detail;
  }
}

TEST(EventStreamSettings, TakePlainHttpOnThisMachineOrOnRequest) {
  struct {
    const char* url;
    bool allow;
    bool taken;
  } const kUrls[] = {
      {"https://x.example/", false, true},
      {"http://127.0.0.1:9/hook", false, true},
      {"http://localhost/hook", false, true},
      {"http://[::1]:9/", false, true},
      {"HTTP://LocalHost/hook", false, true},
      {"http://x.example/", false, false},
      {"http://127.x.example/", false, false},
      {"http://x.example/", true, true},
      {"http://127.0.0.1@x.example/", false, false},
      {"http://localhost.x.example/", false, false},
      {"https://u:p@x.example/", false, false},
      {"https://x.example/#f", false, false},
      {"https:///path", false, false},
      {"ftp://x.example/", true, false},
      {"https://x.example/a b", false, false},
      {"https://ex\xc3\xa4mple/", false, false},
  };
  for (const auto& [url, allow, taken] : kUrls) {
    const json::Value document = json::Object{{"name", "a"},
                                              {"kind", "push"},
                                              {"audience", json::Array{"x"}},
                                              {"url", url},
                                              {"allowHttp", allow}};
    EXPECT_EQ(compileEventStream(document).has_value(), taken) << url;
  }
}

TEST(EventStreamSettings, WantWhatTheyName) {
  auto stream = compileEventStream(
      parsed(push(R"(, "events": ["create", "deactivate"], "domains": ["CORP"])")));
  ASSERT_TRUE(stream) << stream.error().detail;
  stream->domains = {DomainNumber(7)};
  using store::ChangeKind;
  const auto patch_off =
      static_cast<store::ChangeKinds>(bitOf(ChangeKind::kPatch) | bitOf(ChangeKind::kDeactivate));
  EXPECT_EQ(stream->wanted(DomainNumber(7), patch_off), bitOf(ChangeKind::kDeactivate));
  EXPECT_EQ(stream->wanted(DomainNumber(7), bitOf(ChangeKind::kPatch)), 0);
  EXPECT_EQ(stream->wanted(DomainNumber(8), bitOf(ChangeKind::kCreate)), 0);
}

TEST(EventStreamSecrets, AreCheckedAndNeverInTheDocument) {
  const auto document = parsed(push(R"(, "authorization": "Bearer t0ken")"));
  const auto secrets = readStreamSecrets(*document.object());
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->authorization, "Bearer t0ken");
  EXPECT_EQ(json::write(compileEventStream(document)->document).find("t0ken"), std::string::npos);
  for (const char* wrong : {R"({"authorization": ""})", R"({"authorization": "a\r\nX: y"})",
                            R"({"authorization": 1})", R"({"secret": "short"})"}) {
    EXPECT_FALSE(readStreamSecrets(*parsed(wrong).object())) << wrong;
  }
  // TOML has texts with a NUL.
  const std::string like_a_sealed_one("\0sealed1-and-more-bytes", 23);
  EXPECT_FALSE(readStreamSecrets(json::Object{{"secret", like_a_sealed_one}}));
}

}  // namespace
}  // namespace vestibule::directory
