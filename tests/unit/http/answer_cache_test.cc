#include "http/answer_cache.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

using std::chrono::seconds;

std::shared_ptr<const Response> answer(const std::string& body) {
  auto response = std::make_shared<Response>();
  response->body = body;
  return response;
}

std::string bodyOf(const std::shared_ptr<const Response>& found) {
  return found == nullptr ? "(none)" : found->body;
}

TEST(AnswerCache, GivesAnAnswerUntilItExpires) {
  AnswerCache cache(10);
  const AnswerCache::Clock::time_point start{};
  EXPECT_EQ(bodyOf(cache.find("k", start)), "(none)");
  cache.keep("k", answer("a"), start + seconds(10));
  EXPECT_EQ(bodyOf(cache.find("k", start)), "a");
  EXPECT_EQ(bodyOf(cache.find("other", start)), "(none)");
  EXPECT_EQ(bodyOf(cache.find("k", start + seconds(9))), "a");
  EXPECT_EQ(bodyOf(cache.find("k", start + seconds(10))), "(none)");
  // It is gone, not only out of sight.
  EXPECT_EQ(bodyOf(cache.find("k", start)), "(none)");
}

TEST(AnswerCache, ANewAnswerTakesThePlaceOfTheOldOne) {
  AnswerCache cache(4);
  const AnswerCache::Clock::time_point start{};
  cache.keep("k", answer("a"), start + seconds(10));
  cache.keep("k", answer("b"), start + seconds(20));
  EXPECT_EQ(bodyOf(cache.find("k", start + seconds(15))), "b");
  // Also where the old one has come to the older half.
  for (const char* key : {"x", "y", "z"}) cache.keep(key, answer(key), start + seconds(99));
  cache.keep("k", answer("c"), start + seconds(10));
  EXPECT_EQ(bodyOf(cache.find("k", start)), "c");
  EXPECT_EQ(bodyOf(cache.find("k", start + seconds(15))), "(none)");
}

TEST(AnswerCache, KeepsNoMoreThanItMayAndTheNewestLongest) {
  constexpr int kCapacity = 10;
  AnswerCache cache(kCapacity);
  const AnswerCache::Clock::time_point start{};
  for (int i = 0; i < 100; ++i) {
    cache.keep(std::to_string(i), answer(std::to_string(i)), start + seconds(10));
    EXPECT_EQ(bodyOf(cache.find(std::to_string(i), start)), std::to_string(i));
  }
  int kept = 0;
  for (int i = 0; i < 100; ++i) {
    if (cache.find(std::to_string(i), start) != nullptr) ++kept;
  }
  EXPECT_GE(kept, kCapacity / 2);
  EXPECT_LE(kept, kCapacity);
}

}  // namespace
}  // namespace vestibule::http
