#include "store/feed_walk.h"

#include <gtest/gtest.h>

namespace vestibule::store {
namespace {

TEST(FeedWalkText, ComesBackAsItWas) {
  const FeedWalk walk{
      7, 1'764'000'000'000'000, {{DomainNumber(2), DomainNumber(3)}, {DomainNumber(1)}}, 2, 500};
  const auto read = readWalk(walkText(walk));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->stream, 7U);
  EXPECT_EQ(read->begins, walk.begins);
  EXPECT_EQ(read->domains.added, walk.domains.added);
  EXPECT_EQ(read->domains.removed, walk.domains.removed);
  EXPECT_EQ(read->table, 2U);
  EXPECT_EQ(read->row, 500U);
}

TEST(FeedWalkText, HasWhatTheDatabasePutsIn) {
  const auto text = walkText({0, 0, {{DomainNumber(1)}, {}}});
  EXPECT_NE(text.find(R"("stream":0,)"), std::string::npos);
  EXPECT_NE(text.find(R"("begins":0,)"), std::string::npos);
}

TEST(FeedWalkText, WhatIsNoneOfOursIsNone) {
  for (const char* text : {"", "[]", "{}", R"({"feed":7})", R"({"joined":[]})"}) {
    EXPECT_FALSE(readWalk(text)) << text;
  }
  const auto odd = readWalk(R"({"feed":{"stream":"x","added":[0,-1,70000,"x",2],"table":9}})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->domains.added, std::vector<DomainNumber>{DomainNumber(2)});
  EXPECT_EQ(odd->table, 2U);
}

}  // namespace
}  // namespace vestibule::store
