#include "jose/key_set.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using test::keySetText;
using test::TokenSigner;

json::Object changed(const json::Object& jwk, std::string_view more) {
  json::Object result = jwk;
  const json::Value parsed = json::parse(more).value();
  for (const json::Member& member : *parsed.object()) {
    result.set(member.key, member.value);
  }
  return result;
}

TEST(KeySet, HoldsTheKeysWithWhatTheySay) {
  const TokenSigner ec(KeyType::kP256);
  const TokenSigner ed(KeyType::kEd25519);
  const auto set =
      readKeySet(keySetText({changed(test::sharedRsaSigner().jwk("a"),
                                     R"({"use":"sig","alg":"PS256","x5c":["MIIB"],"x5t":"abc"})"),
                             changed(ec.jwk("b"), R"({"key_ops":["verify"]})"), ed.jwk()}));
  ASSERT_TRUE(set) << set.error().detail;
  ASSERT_EQ(set->keys.size(), 3U);
  EXPECT_TRUE(set->left_out.empty());
  EXPECT_EQ(set->keys[0].key_id, "a");
  EXPECT_TRUE(set->keys[0].signsBy(Algorithm::kPs256));
  EXPECT_FALSE(set->keys[0].signsBy(Algorithm::kRs256)) << "its alg is another";
  EXPECT_TRUE(set->keys[1].signsBy(Algorithm::kEs256));
  EXPECT_FALSE(set->keys[1].signsBy(Algorithm::kEs384));
  EXPECT_FALSE(set->keys[2].key_id);
  EXPECT_TRUE(set->keys[2].signsBy(Algorithm::kEdDsa));
  EXPECT_TRUE(set->keys[2].signsBy(Algorithm::kEd25519));
}

TEST(KeySet, LeavesOutWhatCannotBeUsedAndSaysWhy) {
  const auto& good = test::sharedRsaSigner();
  const struct {
    const char* more;
    const char* why;
  } cases[] = {
      {R"({"use":"enc"})", "'use'"},
      {R"({"use":1})", "'use'"},
      {R"({"key_ops":["encrypt"]})", "'key_ops'"},
      {R"({"key_ops":"verify"})", "'key_ops'"},
      {R"({"alg":"RSA-OAEP"})", "'alg'"},
      {R"({"alg":"HS256"})", "'alg'"},
      {R"({"alg":"none"})", "'alg'"},
      {R"({"alg":"ES256"})", "'alg'"},
      {R"({"alg":null})", "'alg'"},
      {R"({"kid":7})", "'kid'"},
      {R"({"d":"AQ"})", "secret"},
      {R"({"kty":"oct","k":"c2VjcmV0"})", "secret"},
      {R"({"kty":"XYZ"})", "type"},
  };
  for (const auto& look : cases) {
    const auto set = readKeySet(keySetText({changed(good.jwk("x"), look.more), good.jwk("good")}));
    ASSERT_TRUE(set) << look.more;
    ASSERT_EQ(set->keys.size(), 1U) << look.more;
    EXPECT_EQ(set->keys[0].key_id, "good");
    ASSERT_EQ(set->left_out.size(), 1U);
    EXPECT_NE(set->left_out[0].find(look.why), std::string::npos) << set->left_out[0];
    EXPECT_EQ(set->left_out[0].rfind("keys[0]: ", 0), 0U);
  }
}

TEST(KeySet, MayHoldNoKeyThatIsOfUse) {
  for (const char* text : {R"({"keys":[]})", R"({"keys":[1,null,"x",[]]})", R"({"keys":[{}]})"}) {
    const auto set = readKeySet(text);
    ASSERT_TRUE(set) << text;
    EXPECT_TRUE(set->keys.empty()) << text;
  }
}

TEST(KeySet, IsNothingElse) {
  const std::string many = "{\"keys\":[" + [] {
    std::string list = "{}";
    for (std::size_t i = 0; i < kMaxKeys; ++i) list += ",{}";
    return list;
  }() + "]}";
  for (const std::string& text : std::vector<std::string>{
           "", "[]", "null", "{}", R"({"keys":{}})", R"({"keys":null})", R"({"keys":[],"KEYS":[]})",
           "<html>", json::write(test::sharedRsaSigner().jwk()), many,
           R"({"keys":[],"x":")" + std::string(kMaxKeySetBytes, 'x') + "\"}"}) {
    const auto set = readKeySet(text);
    ASSERT_FALSE(set) << text.substr(0, 60);
    EXPECT_EQ(set.error().kind, ErrorKind::kInvalidValue);
  }
}

}  // namespace
}  // namespace vestibule::jose
