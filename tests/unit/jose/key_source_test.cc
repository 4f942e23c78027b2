#include "jose/key_source.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/log.h"
#include "jose/key_sources.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A set of one key of this name.
std::string setOf(const std::string& key_id) {
  static const test::TokenSigner signer(KeyType::kEd25519);
  return test::keySetText({signer.jwk(key_id)});
}

/// A source on a clock and a reader that the test holds in its hands.
class KeySourceTest : public ::testing::Test {
 protected:
  void make(const KeySourceLimits& limits = {}) {
    source_ = std::make_unique<KeySource>(
        "test", [this](const std::atomic<bool>& stop) { return read(stop); }, limits,
        [this] { return time_.load(); });
  }
  /// The source first: a reading that runs beside still uses what the test holds in its hands.
  ~KeySourceTest() override {
    open();
    source_.reset();
  }

  /// The next readings wait until `open`.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    changed_.notify_all();
  }
  void awaitReadings(int number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return readings_ >= number; });
  }
  void answer(Result<FetchedKeys> with) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(with);
  }
  void fail() {
    answer(tl::make_unexpected(Error{ErrorKind::kUnavailable, "", "it is down", {}, {}}));
  }
  int readings() {
    const std::lock_guard lock(mutex_);
    return readings_;
  }
  void advance(seconds by) { time_ = time_.load() + by; }

  /// The name of the key that counts, or why there is none.
  std::string current() {
    const auto set = source_->current();
    if (!set) return set.error().internal;
    return (*set)->keys.empty() ? "no keys" : (*set)->keys[0].key_id.value_or("");
  }
  /// The same, once the reading that runs beside is over.
  std::string settled(const std::string& wanted) {
    const auto until = std::chrono::steady_clock::now() + seconds(20);
    std::string found;
    while ((found = current()) != wanted && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    return found;
  }

  std::unique_ptr<KeySource> source_;

 private:
  Result<FetchedKeys> read(const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex_);
    ++readings_;
    changed_.notify_all();
    while (closed_ && !stop) changed_.wait_for(lock, milliseconds(1));
    return answer_;
  }

  std::atomic<std::chrono::steady_clock::time_point> time_{
      std::chrono::steady_clock::time_point(std::chrono::hours(1'000))};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  int readings_ = 0;
  Result<FetchedKeys> answer_ = FetchedKeys{setOf("one"), std::nullopt};
};

TEST_F(KeySourceTest, IsReadInTheTraceOfWhomItIsReadFor) {
  std::string trace;
  KeySource source("test", [&](const std::atomic<bool>&) -> Result<FetchedKeys> {
    trace = LogScope::currentTrace().trace_id;
    return FetchedKeys{setOf("one"), std::nullopt};
  });
  const std::string wanted = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string value = "00-" + wanted + "-00f067aa0ba902b7-00";
  const LogScope scope("request", parseTraceParent(value));
  ASSERT_TRUE(source.current());
  EXPECT_EQ(trace, wanted);
}

TEST_F(KeySourceTest, ReadsOnceAndKeepsForItsLifetime) {
  make();
  EXPECT_EQ(readings(), 0) << "nothing is read before it is needed";
  EXPECT_EQ(current(), "one");
  answer(FetchedKeys{setOf("two"), std::nullopt});
  advance(seconds(2'879));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(current(), "one");
  EXPECT_EQ(readings(), 1);
}

TEST_F(KeySourceTest, ReadsBesideWhenFourFifthsOfTheLifetimeAreOver) {
  make();
  EXPECT_EQ(current(), "one");
  answer(FetchedKeys{setOf("two"), std::nullopt});
  close();
  advance(seconds(2'880));
  EXPECT_EQ(current(), "one") << "nobody waits";
  awaitReadings(2);
  EXPECT_EQ(current(), "one");
  EXPECT_EQ(readings(), 2);
  open();
  EXPECT_EQ(settled("two"), "two");
  EXPECT_EQ(readings(), 2);
}

TEST_F(KeySourceTest, J13_ServesNobodyFromAgedKeysWhenNewOnesCanBeHad) {
  make();
  EXPECT_EQ(current(), "one");
  answer(FetchedKeys{setOf("two"), std::nullopt});
  advance(seconds(3'600));
  EXPECT_EQ(current(), "two") << "the first to ask waits for the new ones";
}

struct Lifetime {
  std::optional<seconds> asked;
  seconds granted;
};

TEST_F(KeySourceTest, KeepsWithinItsBoundsAsLongAsTheServerAsks) {
  const Lifetime cases[] = {{std::nullopt, seconds(3'600)},
                            {seconds(0), seconds(60)},
                            {seconds(59), seconds(60)},
                            {seconds(600), seconds(600)},
                            {seconds(10'000'000), seconds(86'400)}};
  for (const auto& [asked, granted] : cases) {
    make();
    answer(FetchedKeys{setOf("one"), asked});
    EXPECT_EQ(current(), "one");
    fail();
    // Were they aged now, a reading would begin, and nobody would be served without waiting for it.
    advance(granted * 4 / 5 - seconds(1));
    const int before = readings();
    EXPECT_EQ(current(), "one");
    EXPECT_EQ(readings(), before) << granted.count();
    advance(granted / 5 + seconds(2));
    EXPECT_EQ(current(), "one");
    EXPECT_EQ(readings(), before + 1) << granted.count();
    source_.reset();
  }
}

TEST_F(KeySourceTest, ServesTheLastGoodKeysForABoundedTimeWhenItIsDown) {
  make();
  EXPECT_EQ(current(), "one");
  fail();
  advance(seconds(3'600));
  EXPECT_EQ(current(), "one");
  EXPECT_EQ(readings(), 2);
  EXPECT_EQ(current(), "one");
  EXPECT_EQ(readings(), 2) << "not again for a while";
  advance(seconds(10));
  EXPECT_EQ(current(), "one");
  EXPECT_EQ(readings(), 3);
  advance(seconds(86'400 - 11));
  EXPECT_EQ(current(), "one");
  advance(seconds(1));
  EXPECT_EQ(current(), "test: it is down");
  answer(FetchedKeys{setOf("two"), std::nullopt});
  advance(seconds(10));
  EXPECT_EQ(current(), "two");
}

TEST_F(KeySourceTest, TakesNoTextThatIsNoSetForKeys) {
  make();
  EXPECT_EQ(current(), "one");
  answer(FetchedKeys{"<html>maintenance</html>", std::nullopt});
  advance(seconds(3'600));
  EXPECT_EQ(current(), "one");
  EXPECT_EQ(readings(), 2);
}

TEST_F(KeySourceTest, J13_TakesASetWithoutKeysAtItsWord) {
  make();
  EXPECT_EQ(current(), "one");
  answer(FetchedKeys{R"({"keys": []})", std::nullopt});
  advance(seconds(3'600));
  EXPECT_EQ(current(), "no keys");
}

TEST_F(KeySourceTest, SaysWhyThereAreNone) {
  fail();
  make();
  EXPECT_EQ(current(), "test: it is down");
  EXPECT_EQ(current(), "test: it is down");
  EXPECT_EQ(readings(), 1) << "a login does not wait for what has just failed";
}

TEST_F(KeySourceTest, J2_ManyThatWaitAtOnceShareOneReading) {
  make();
  close();
  std::vector<std::future<std::string>> waiting;
  for (int i = 0; i < 32; ++i) {
    waiting.push_back(std::async(std::launch::async, [this] { return current(); }));
  }
  awaitReadings(1);
  open();
  for (auto& one : waiting) EXPECT_EQ(one.get(), "one");
  EXPECT_EQ(readings(), 1);
}

TEST_F(KeySourceTest, NobodyWaitsLongerThanTheLimit) {
  KeySourceLimits limits;
  limits.wait = milliseconds(50);
  make(limits);
  EXPECT_EQ(settled("one"), "one") << "the first reading may itself take longer than the limit";
  close();
  advance(seconds(3'600));
  const auto from = std::chrono::steady_clock::now();
  EXPECT_EQ(current(), "one") << "the last good ones";
  EXPECT_GE(std::chrono::steady_clock::now() - from, milliseconds(45));
  const auto later = std::chrono::steady_clock::now();
  EXPECT_EQ(current(), "one");
  EXPECT_LT(std::chrono::steady_clock::now() - later, seconds(5)) << "the limit is the reading's";
  advance(seconds(86'400));
  EXPECT_EQ(current(), "test: they take too long to read");
  awaitReadings(2);
  EXPECT_EQ(readings(), 2);
}

TEST_F(KeySourceTest, J2_ReadsForAnUnknownKeyOnceAnInterval) {
  make();
  const auto first = source_->current().value();
  answer(FetchedKeys{setOf("two"), std::nullopt});
  advance(seconds(29));
  EXPECT_EQ(source_->newerThan(first), first);
  EXPECT_EQ(readings(), 1) << "the last reading is too short ago";
  advance(seconds(1));
  const auto second = source_->newerThan(first);
  EXPECT_EQ(second->keys[0].key_id, "two");
  EXPECT_EQ(readings(), 2);
  EXPECT_EQ(source_->newerThan(first), second) << "somebody has read meanwhile";
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(source_->newerThan(second), second);
  EXPECT_EQ(readings(), 2);
}

TEST_F(KeySourceTest, J2_ManyUnknownKeysAtOnceShareOneReading) {
  make();
  const auto first = source_->current().value();
  answer(FetchedKeys{setOf("two"), std::nullopt});
  advance(seconds(30));
  close();
  std::vector<std::future<std::shared_ptr<const KeySet>>> waiting;
  for (int i = 0; i < 32; ++i) {
    waiting.push_back(
        std::async(std::launch::async, [&, this] { return source_->newerThan(first); }));
  }
  awaitReadings(2);
  open();
  for (auto& one : waiting) EXPECT_EQ(one.get()->keys[0].key_id, "two");
  EXPECT_EQ(readings(), 2);
}

TEST_F(KeySourceTest, KeepsWhatItHasWhenAReadingForAnUnknownKeyFails) {
  make();
  const auto first = source_->current().value();
  fail();
  advance(seconds(30));
  EXPECT_EQ(source_->newerThan(first), first);
  EXPECT_EQ(current(), "one");
}

TEST_F(KeySourceTest, EndsAReadingThatRunsWhenItGoes) {
  make({.wait = milliseconds(1)});
  close();
  EXPECT_EQ(current(), "test: they take too long to read");
  awaitReadings(1);
  source_.reset();
  EXPECT_EQ(readings(), 1);
}

TEST(KeySources, ShareTheSourceOfOnePlaceAsLongAsAnybodyHoldsIt) {
  KeySources sources;
  const auto one = sources.at({true, "/etc/a.json"});
  EXPECT_EQ(sources.at({true, "/etc/a.json"}), one);
  EXPECT_NE(sources.at({true, "/etc/b.json"}), one);
  const std::weak_ptr<KeySource> gone = sources.at({true, "/etc/b.json"});
  EXPECT_TRUE(gone.expired());
}

}  // namespace
}  // namespace vestibule::jose
