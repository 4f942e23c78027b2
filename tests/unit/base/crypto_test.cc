#include "base/crypto.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"

namespace vestibule {
namespace {

TEST(Crypto, DigestsTheVectorsOfFips180) {
  EXPECT_EQ(toHex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(toHex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(toHex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Crypto, AuthenticatesTheVectorsOfRfc4231) {
  EXPECT_EQ(toHex(hmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(toHex(hmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(toHex(hmacSha256(std::string(131, '\xaa'),
                             "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Crypto, GivesAsManyRandomBytesAsAsked) {
  for (const std::size_t size : {0U, 1U, 16U, 32U, 1'000U}) {
    EXPECT_EQ(randomBytes(size).size(), size);
  }
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(seen.insert(randomBytes(16)).second);
}

TEST(Crypto, SealsTextThatOnlyItsKeyAndContextOpen) {
  const std::string key(32, 'k');
  for (const std::string& text : {std::string(), std::string("a\0b", 3), std::string(5'000, 'x')}) {
    const std::string sealed = seal(key, text, "query");
    EXPECT_EQ(sealed.size(), text.size() + 28);
    EXPECT_EQ(unseal(key, sealed, "query"), text);
    EXPECT_NE(seal(key, text, "query"), sealed) << "no nonce is used twice";
    EXPECT_FALSE(unseal(key, sealed, "another"));
    EXPECT_FALSE(unseal(std::string(32, 'l'), sealed, "query"));
    for (std::size_t at = 0; at < sealed.size(); at += 1 + at / 8) {
      std::string changed = sealed;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_FALSE(unseal(key, changed, "query")) << at;
      EXPECT_FALSE(unseal(key, sealed.substr(0, at), "query"));
    }
  }
}

TEST(Crypto, R4_ComparesBytesAndLengths) {
  EXPECT_TRUE(equalConstantTime("", ""));
  EXPECT_TRUE(equalConstantTime("token", "token"));
  EXPECT_FALSE(equalConstantTime("token", "tokeN"));
  EXPECT_FALSE(equalConstantTime("token", "token "));
  EXPECT_FALSE(equalConstantTime("token", ""));
  EXPECT_FALSE(equalConstantTime(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace vestibule
