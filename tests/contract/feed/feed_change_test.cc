// What a stream is told of resources that come into its feed, or leave it, with its domains.

#include "contract/feed/feed_test.h"

namespace vestibule::feed::test {
namespace {

using Lines = std::vector<std::string>;

class FeedChangeTest : public FeedTest {
 protected:
  void apply(const std::string& more) { stream("all", "poll", R"(, "pollers": ["t"])" + more); }
  /// As if the seconds were over that all servers have to hear of the settings.
  void letWalksBegin() {
    onlooker_.run("UPDATE " + table("control.event_outbox") +
                  " SET attributes = JSON_SET(attributes, '$.feed.begins', 0) WHERE kinds = 0 AND "
                  "domain_number = 0");
  }
  /// `uri what` of all that is to be told, sorted, and forgets it.
  Lines told() {
    letWalksBegin();
    return toldYet();
  }
  /// The same without what is told later.
  Lines toldYet() {
    fanAll();
    const auto stream = catalog_->current()->findEventStream("all");
    const auto deliveries = must(database_->read([&](store::Session& session) {
      return store::nextDeliveries(session, database_->controlSchema(), stream->number, 10'000);
    }));
    Lines lines;
    for (const auto& delivery : deliveries) {
      const auto claims = must(source_.claims(*stream, delivery));
      const auto& event = claims.find("events")->object()->members().front();
      EXPECT_EQ(json::write(event.value).find("data"), std::string::npos);
      lines.push_back(*claims.find("sub_id")->find("uri")->string() + " " +
                      event.key.substr(std::string("urn:ietf:params:scim:event:").size()));
    }
    onlooker_.run("DELETE FROM " + table("control.event_deliveries"));
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  static std::string users(const std::string& id, const std::string& what) {
    return "/Users/" + id + " " + what;
  }
};

TEST_F(FeedChangeTest, ANewStreamThatAsksIsToldOfWhatIsThere) {
  const auto bob = user("bob");
  const auto ann = user("CORP/ann", R"(, "externalId": "e1")");
  const auto staff = group("CORP/staff");
  apply(R"(, "mode": "full", "domains": ["CORP"], "events": ["create", "feed:add"])");
  EXPECT_EQ(told(), (Lines{"/Groups/" + staff.text() + " feed:add", users(ann, "feed:add")}));
  EXPECT_EQ(outbox(), Lines());
}

TEST_F(FeedChangeTest, WhoDoesNotAskIsNotTold) {
  user("bob");
  apply(R"(, "domains": ["CORP"])");
  apply("");
  EXPECT_EQ(outbox(), Lines());
}

TEST_F(FeedChangeTest, WhatADomainHasComesAndGoesWithIt) {
  const auto bob = user("bob");
  const auto ann = user("CORP/ann");
  const std::string asks = R"(, "events": ["delete", "feed:add", "feed:remove"])";
  apply(asks + R"(, "domains": ["CORP"])");
  EXPECT_EQ(told(), Lines{users(ann, "feed:add")});
  apply(asks + R"(, "domains": ["CORP"], "description": "another")");
  EXPECT_EQ(told(), Lines());
  apply(asks);
  EXPECT_EQ(told(), Lines{users(bob, "feed:add")});
  apply(asks + R"(, "domains": ["PRIMARY"])");
  EXPECT_EQ(told(), Lines{users(ann, "feed:remove")});
  must(patchStream(context_, "all", parsed(R"({"domains": ["CORP"]})")));
  Lines both{users(ann, "feed:add"), users(bob, "feed:remove")};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(told(), both);
}

TEST_F(FeedChangeTest, AWalkWaitsUntilAllServersKnowTheStreamAndHoldsNothingUp) {
  apply(R"(, "domains": ["CORP"], "events": ["create", "feed:add"])");
  // What is made meanwhile is told twice by those that know the stream; others announce nothing.
  const auto ann = user("CORP/ann");
  EXPECT_EQ(toldYet(), Lines{users(ann, "prov:create:notice")});
  const auto unannounced = user("CORP/unannounced");
  onlooker_.run("DELETE FROM " + table("control.event_outbox") + " WHERE kinds <> 0");
  Lines both{users(ann, "feed:add"), users(unannounced, "feed:add")};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(told(), both);
  must(patchStream(context_, "all",
                   parsed(R"({"domains": ["PRIMARY"], "events": ["feed:add", "feed:remove"]})")));
  EXPECT_EQ(toldYet(), Lines()) << "a change of settings waits as well";
  EXPECT_EQ(told().size(), 2U);
}

TEST_F(FeedChangeTest, WhatWasMadeByAClockThatIsAheadIsTold) {
  const auto bob = user("bob");
  onlooker_.run("UPDATE " + table("primary.users") + " SET created = created + 3600000000");
  apply(R"(, "events": ["feed:add"])");
  EXPECT_EQ(told(), Lines{users(bob, "feed:add")});
}

TEST_F(FeedChangeTest, ALargeDomainComesInPagesAndHoldsUpNoChange) {
  constexpr int kUsers = 1'200;
  user("CORP/model");
  std::string digits = "(SELECT 0 AS d";
  for (int digit = 1; digit < 10; ++digit) digits += " UNION ALL SELECT " + std::to_string(digit);
  digits += ") ";
  onlooker_.run(
      "INSERT INTO " + table("corp.users") +
      " (id, user_name_fold, user_name_case, version, created, modified, document) SELECT "
      "CONCAT(LEFT(UNHEX(SHA2(n, 256)), 6), SUBSTRING(m.id, 7)), CONCAT('g', n), '', 1, 1, 1, '{}' "
      "FROM " +
      table("corp.users") + " m, (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM " +
      digits + "a, " + digits + "b, " + digits + "c, " + digits + "e) numbers WHERE n < " +
      std::to_string(kUsers - 1));
  apply(R"(, "domains": ["CORP"], "events": ["create", "feed:add"])");
  const auto ann = user("CORP/ann");
  letWalksBegin();
  EXPECT_EQ(must(fanOut(context_)), store::FannedOut::kSome);
  ASSERT_EQ(outbox().size(), 2U) << "the change, and behind it the rest of the domain";
  EXPECT_EQ(outbox().back().substr(0, 2), "0|");
  const auto lines = told();
  EXPECT_EQ(lines.size(), kUsers + 2U);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), users(ann, "prov:create:notice")), 1);
  EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end()), lines.end()) << "each once";
}

TEST_F(FeedChangeTest, AStreamThatIsGoneIsToldNoMore) {
  user("bob");
  apply(R"(, "events": ["feed:add"])");
  must(removeStream(context_, "all"));
  letWalksBegin();
  fanAll();
  EXPECT_EQ(count("control.event_deliveries"), 0U);
  EXPECT_EQ(outbox(), Lines());
}

}  // namespace
}  // namespace vestibule::feed::test
