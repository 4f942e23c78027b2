// From a change to the receiver, by push and by webhook.

#include "base/encoding.h"
#include "contract/feed/feed_test.h"
#include "feed/security_event.h"
#include "jose/jws.h"
#include "jose/key.h"

namespace vestibule::feed::test {
namespace {

using vestibule::test::HttpReceiver;
using vestibule::test::ReceivedRequest;
using Answer = HttpReceiver::Answer;

class DeliveryTest : public FeedTest {
 protected:
  /// The claims of a token that the published key verifies.
  json::Value verified(const std::string& token) {
    const auto jws = must(jose::parseJws(token));
    EXPECT_EQ(jws.type, "secevent+jwt");
    const auto ring = must(source_.keys().current());
    const auto keys = ring->keySet();
    for (const json::Value& jwk : *keys.find("keys")->array()) {
      if (jwk.stringAt("kid") != jws.key_id) continue;
      const auto key = must(jose::PublicKey::fromJwk(*jwk.object()));
      EXPECT_TRUE(key.verifies(jose::Algorithm::kEs256, jws.signing_input, jws.signature));
      return parsed(jws.payload);
    }
    ADD_FAILURE() << "the key is not published";
    return {};
  }
  static std::string jtiOf(const json::Value& claims) {
    return std::string(*claims.stringAt("jti"));
  }
};

TEST_F(DeliveryTest, AWebhookIsSignedAndNamesTheEvent) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{200}; });
  webhook("hook", receiver, R"(, "authorization": "Bearer t0p")");
  const auto id = user("bob");
  const auto workers = start();
  ASSERT_TRUE(receiver.await(1));
  ASSERT_TRUE(awaitIdle("hook"));
  const auto request = receiver.requests().front();
  EXPECT_EQ(request.field("Content-Type"), "application/json");
  EXPECT_EQ(request.field("Authorization"), "Bearer t0p");
  const auto claims = parsed(request.body);
  EXPECT_EQ(request.field("webhook-id"), jtiOf(claims));
  EXPECT_EQ(request.field("webhook-signature"),
            webhookSignature("0123456789abcdef", request.field("webhook-id"),
                             std::stoll(request.field("webhook-timestamp")), request.body));
  EXPECT_EQ(claims.find("sub_id")->stringAt("uri"), "/Users/" + id);
}

TEST_F(DeliveryTest, APushThatFailsIsRepeatedWithTheSameId) {
  HttpReceiver receiver(
      [](std::size_t number, const auto&) { return Answer{number < 2 ? 500 : 202}; });
  push("push", receiver);
  user("bob");
  const auto workers = start();
  ASSERT_TRUE(receiver.await(3));
  ASSERT_TRUE(awaitIdle("push"));
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].field("Content-Type"), "application/secevent+jwt");
  const auto first = verified(requests[0].body);
  EXPECT_EQ(first.stringAt("iss"), "https://h.example");
  EXPECT_EQ(jtiOf(verified(requests[2].body)), jtiOf(first));
  const auto status = must(streamStatus(context_, "push"));
  EXPECT_EQ(*status.find("failures")->number()->asInt64(), 0);
  EXPECT_NE(status.find("lastSuccess"), nullptr);
}

TEST_F(DeliveryTest, ARefusedEventIsDeadAndTheNextOneGoesOut) {
  HttpReceiver receiver([](std::size_t number, const auto&) {
    return number == 0 ? Answer{400, R"({"err": "invalid_request", "description": "no"})"}
                       : Answer{202};
  });
  push("push", receiver);
  user("bob");
  user("ann");
  const auto workers = start();
  ASSERT_TRUE(receiver.await(2));
  ASSERT_TRUE(awaitIdle("push"));
  const auto dead = must(deadEvents(context_, "push", 0, 10));
  ASSERT_EQ(dead.events.size(), 1U);
  EXPECT_EQ(*dead.events.front().find("code")->string(), "invalid_request");
  const std::string id = *dead.events.front().find("id")->string();
  EXPECT_EQ(id, jtiOf(verified(receiver.requests().front().body)));
  EXPECT_EQ(must(redeliver(context_, "push", id)), 1U);
  ASSERT_TRUE(receiver.await(3));
  ASSERT_TRUE(awaitIdle("push"));
  EXPECT_EQ(jtiOf(verified(receiver.requests().back().body)), id);
  EXPECT_FALSE(redeliver(context_, "push", id));
}

TEST_F(DeliveryTest, AfterSoManyAnswersAnEventIsGivenUp) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{500}; });
  push("push", receiver, R"(, "attempts": 3)");
  user("bob");
  const auto workers = start();
  ASSERT_TRUE(awaitIdle("push"));
  EXPECT_EQ(receiver.requests().size(), 3U);
  EXPECT_EQ(must(deadEvents(context_, "push", 0, 10)).events.size(), 1U);
}

TEST_F(DeliveryTest, ALongAnswerCountsByItsStatus) {
  const std::string page(60'000, 'x');
  HttpReceiver fails([&](auto, const auto&) { return Answer{500, page}; });
  HttpReceiver accepts([&](auto, const auto&) { return Answer{200, page}; });
  webhook("fails", fails, R"(, "attempts": 2)");
  webhook("accepts", accepts);
  user("bob");
  const auto workers = start();
  ASSERT_TRUE(awaitIdle("fails"));
  ASSERT_TRUE(awaitIdle("accepts"));
  EXPECT_EQ(fails.requests().size(), 2U);
  const auto dead = must(deadEvents(context_, "fails", 0, 10));
  ASSERT_EQ(dead.events.size(), 1U);
  EXPECT_EQ(*dead.events.front().find("code")->string(), "http_500");
  EXPECT_EQ(accepts.requests().size(), 1U);
}

TEST_F(DeliveryTest, EventsOfOneReceiverComeInOrderAndAnotherWaitsForNobody) {
  HttpReceiver works([](auto, const auto&) { return Answer{202}; });
  HttpReceiver broken([](auto, const auto&) { return Answer{503}; });
  push("broken", broken);
  push("works", works);
  const auto id = user("bob");
  for (int i = 0; i < 30; ++i) {
    patchUser(id, R"({"op": "replace", "path": "title", "value": "t)" + std::to_string(i) + "\"}");
  }
  const auto workers = start();
  ASSERT_TRUE(awaitIdle("works"));
  const auto requests = works.requests();
  ASSERT_EQ(requests.size(), 31U);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto claims = verified(requests[i].body);
    const auto& event = claims.find("events")->object()->members().front();
    EXPECT_EQ(event.value.stringAt("version"), "W/\"" + std::to_string(i + 1) + "\"");
  }
  const auto status = must(streamStatus(context_, "broken"));
  EXPECT_EQ(*status.find("waiting")->number()->asInt64(), 31);
  EXPECT_NE(status.find("lastError"), nullptr);
}

TEST_F(DeliveryTest, AFullEventShowsTheUserWithoutPassword) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{202}; });
  push("push", receiver, R"(, "mode": "full", "domains": ["CORP"])");
  const auto id = user("CORP/bob", R"(, "title": "Boss", "password": "S3cret!pass")");
  user("outside");
  const auto workers = start();
  ASSERT_TRUE(awaitIdle("push"));
  ASSERT_EQ(receiver.requests().size(), 1U);
  const auto claims = verified(receiver.requests().front().body);
  const auto* event = claims.find("events")->find("urn:ietf:params:scim:event:prov:create:full");
  ASSERT_NE(event, nullptr) << json::write(claims);
  const auto* data = event->find("data");
  EXPECT_EQ(data->stringAt("userName"), "bob") << "a stream of one domain has bare names";
  EXPECT_EQ(data->stringAt("id"), id);
  EXPECT_EQ(data->find("meta")->stringAt("location"),
            "https://h.example/domains/CORP/scim/v2/Users/" + id);
  EXPECT_EQ(json::write(claims).find("assword"), std::string::npos);
}

TEST_F(DeliveryTest, APausedStreamKeepsEvents) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{202}; });
  push("push", receiver, R"(, "state": "paused")");
  user("bob");
  const auto workers = start();
  fanAll();
  EXPECT_EQ(*must(streamStatus(context_, "push")).find("waiting")->number()->asInt64(), 1);
  EXPECT_TRUE(receiver.requests().empty());
  must(patchStream(context_, "push", parsed(R"({"state": "enabled"})")));
  ASSERT_TRUE(receiver.await(1));
}

TEST_F(DeliveryTest, TwoServersSendEachEventOnce) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{202}; });
  push("push", receiver);
  const auto one = start();
  const auto other = start();
  for (int i = 0; i < 20; ++i) user("user" + std::to_string(i));
  ASSERT_TRUE(awaitIdle("push"));
  EXPECT_EQ(receiver.requests().size(), 20U);
}

TEST_F(DeliveryTest, WhatWasOnItsWayWhenAServerDiedIsSentAgain) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{202}; });
  push("push", receiver);
  user("bob");
  fanAll();
  // It had claimed the stream, and nobody has heard of it since.
  const auto number = catalog_->current()->eventStreams().front()->number;
  must(database_->write([&](store::Session& session) {
    return store::claimStream(session, database_->controlSchema(), {number},
                              store::Lease(std::string(16, 'x')), std::chrono::milliseconds(1));
  }));
  const auto workers = start();
  ASSERT_TRUE(awaitIdle("push"));
  EXPECT_EQ(receiver.requests().size(), 1U);
}

TEST_F(DeliveryTest, ARotatedKeySignsWhenEveryReceiverCanKnowItAndTheFormerOneStays) {
  const auto key_at = [&](std::chrono::seconds later) {
    return must(source_.keys().current())
        ->signing(now() + std::chrono::microseconds(later).count())
        .keyId();
  };
  const auto first = key_at({});
  must(rotateEventKey(context_, KeyRotation::kOverlapping, directory::commandLine()));
  const auto set = must(source_.keys().current())->keySet();
  const auto& keys = *set.find("keys")->array();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.back().stringAt("kid"), first);
  EXPECT_EQ(key_at(kKeySetAge), first);
  EXPECT_EQ(key_at(kKeyLead), keys.front().stringAt("kid"));
  // A second one does not bring it forward.
  must(rotateEventKey(context_, KeyRotation::kOverlapping, directory::commandLine()));
  EXPECT_EQ(key_at({}), first);
}

TEST_F(DeliveryTest, AKeyThatLeakedGoesAtOnce) {
  const auto leaked = must(source_.keys().current())->signing(now()).keyId();
  must(rotateEventKey(context_, KeyRotation::kAtOnce, directory::commandLine()));
  const auto ring = must(source_.keys().current());
  EXPECT_EQ(ring->keySet().find("keys")->array()->size(), 1U);
  EXPECT_NE(ring->signing(now()).keyId(), leaked);
}

TEST_F(DeliveryTest, SecretsAreKeptAndNeverShown) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{202}; });
  webhook("hook", receiver, R"(, "authorization": "Bearer t0p")");
  auto shown = must(findStream(context_, "hook")).document;
  EXPECT_EQ(json::write(shown).find("t0p"), std::string::npos);
  EXPECT_EQ(json::write(shown).find("0123456789abcdef"), std::string::npos);
  EXPECT_TRUE(*shown.find("hasAuthorization")->boolean());
  // What is shown can be sent back, and secrets stay.
  EXPECT_FALSE(must(applyStream(context_, shown)).created);
  EXPECT_TRUE(*must(findStream(context_, "hook")).document.find("hasSecret")->boolean());
  shown = must(patchStream(context_, "hook", parsed(R"({"authorization": null})"))).document;
  EXPECT_FALSE(*shown.find("hasAuthorization")->boolean());
  EXPECT_FALSE(patchStream(context_, "hook", parsed(R"({"secret": null})")));
  EXPECT_FALSE(patchStream(context_, "hook", parsed(R"({"kind": "push"})")));
}

TEST_F(DeliveryTest, SecretsAreForTheHostThatTheyWereGivenFor) {
  HttpReceiver receiver([](auto, const auto&) { return Answer{200}; });
  webhook("hook", receiver, R"(, "authorization": "Bearer t0p")");
  const auto refusal = [&](const std::string& change) {
    const auto changed = patchStream(context_, "hook", parsed(change));
    return changed ? std::string() : changed.error().detail.substr(0, 30);
  };
  EXPECT_EQ(refusal(R"({"url": ")" + receiver.url() + R"(/elsewhere"})"), "");
  EXPECT_EQ(refusal(R"({"url": "https://evil.example"})"), "event stream: /authorization: ");
  EXPECT_EQ(refusal(R"({"url": "https://evil.example", "authorization": null})"),
            "event stream: /secret: has to ");
  auto shown = must(findStream(context_, "hook")).document;
  shown.set("url", "https://evil.example");
  EXPECT_FALSE(applyStream(context_, shown)) << "a whole document is no way around it";
  EXPECT_EQ(refusal(R"({"url": "https://new.example", "authorization": "Bearer n3w",)"
                    R"( "secret": "another-0123456789"})"),
            "");
}

TEST_F(DeliveryTest, AStreamThatIsMendedDoesNotWaitOutItsFormerFailure) {
  HttpReceiver receiver([](std::size_t number, const auto&) {
    return number == 0 ? Answer{503, "", "Retry-After: 3600\r\n"} : Answer{202};
  });
  push("push", receiver);
  user("bob");
  const auto workers = start();
  ASSERT_TRUE(receiver.await(1));
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (must(streamStatus(context_, "push")).find("lastFailure") == nullptr) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::yield();
  }
  must(patchStream(context_, "push", parsed(R"({"description": "mended"})")));
  ASSERT_TRUE(receiver.await(2));
}

TEST_F(DeliveryTest, WhatWaitsForAStreamGoesWithIt) {
  stream("poll", "poll", R"(, "pollers": ["t"])");
  user("bob");
  fanAll();
  must(removeStream(context_, "poll"));
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("control.event_deliveries")), 0U);
  EXPECT_FALSE(streamStatus(context_, "poll"));
}

}  // namespace
}  // namespace vestibule::feed::test
