#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "http/framing.h"
#include "http/target.h"
#include "support/request_mutator.h"

namespace vestibule::http {
namespace {

std::size_t requestCount() {
  const char* count = std::getenv("VESTIBULE_FUZZ_REQUESTS");
  return count != nullptr ? std::strtoull(count, nullptr, 10) : 20'000;
}

/// What a stream means, as text: two streams that mean the same compare equal.
class Reader {
 public:
  void feed(std::string_view bytes) {
    framer_.append(bytes);
    while (!refused_) {
      const auto progress = framer_.next();
      if (progress == Framer::Progress::kNeedMore) return;
      if (progress == Framer::Progress::kRefused) {
        refused_ = true;
        status_ = framer_.refusal().status;
        meaning_ += "refused\n";
        return;
      }
      const auto framed = framer_.take();
      meaning_ += std::string(methodName(framed.request.method)) + ' ' + framed.target;
      meaning_ += framed.keep_alive ? " keep\n" : " close\n";
      for (const auto& [name, value] : framed.request.headers.fields()) {
        meaning_ += name + ": " + value + '\n';
      }
      meaning_ += framed.request.body + '\n';
      if (const auto target = parseTarget(framed.target)) checkCanonical(target->path);
    }
  }
  [[nodiscard]] const std::string& meaning() const { return meaning_; }
  [[nodiscard]] int status() const { return status_; }

 private:
  static void checkCanonical(const std::string& path) {
    if (path == "*" || path == "/") return;
    ASSERT_TRUE(path.starts_with('/'));
    EXPECT_FALSE(path.ends_with('/')) << path;
    EXPECT_EQ((path + '/').find("//"), std::string::npos) << path;
    EXPECT_EQ((path + '/').find("/./"), std::string::npos) << path;
    EXPECT_EQ((path + '/').find("/../"), std::string::npos) << path;
    for (const char c : path) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }

  Framer framer_{FramingLimits{}};
  std::string meaning_;
  bool refused_ = false;
  int status_ = 0;
};

TEST(FramingMutation, BrokenRequestsMeanTheSameHoweverTheyAreCut) {
  test::RequestMutator mutator(20261123);
  const std::set<int> refusals = {0, 400, 413, 414, 417, 431, 501, 505};
  for (std::size_t i = 0; i < requestCount(); ++i) {
    const auto bytes = mutator.next();
    Reader whole;
    whole.feed(bytes);
    EXPECT_TRUE(refusals.contains(whole.status())) << whole.status();
    Reader in_pieces;
    const auto largest = 1 + mutator.below(12);
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto size = std::min(rest.size(), 1 + mutator.below(largest));
      in_pieces.feed(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(whole.meaning(), in_pieces.meaning()) << "request " << i << ":\n" << bytes;
  }
}

}  // namespace
}  // namespace vestibule::http
