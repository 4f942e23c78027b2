#include "jose/jws.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "jose/faults.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using test::compact;

TEST(Jws, IsTakenApart) {
  const std::string token =
      compact(R"({"alg":"RS256","kid":"k-ü","typ":"JWT","x5t":"abc"})", R"({"sub":"s"})", "sig");
  const auto jws = parseJws(token);
  ASSERT_TRUE(jws) << jws.error().detail;
  EXPECT_EQ(jws->algorithm, "RS256");
  EXPECT_EQ(jws->key_id, "k-ü");
  EXPECT_EQ(jws->type, "JWT");
  EXPECT_EQ(jws->payload, R"({"sub":"s"})");
  EXPECT_EQ(jws->signature, "sig");
  EXPECT_EQ(jws->signing_input, token.substr(0, token.rfind('.')));
}

struct BadToken {
  const char* what;
  std::string token;
};

TEST(Jws, J1_J5_J9_IsRefusedWhenAnythingElseIsSent) {
  const std::string header = toBase64Url(R"({"alg":"RS256"})");
  const std::string good = compact(R"({"alg":"RS256"})", "{}", "sig");
  const std::string key_inside = R"({"kty":"OKP"})";
  const BadToken cases[] = {
      {"nothing", ""},
      {"one part", header},
      {"two parts", header + ".e30"},
      {"four parts", good + ".e30"},
      {"two tokens glued", good + good},
      {"two tokens with a dot", good + "." + good},
      {"five parts, as an encrypted token", header + ".a.b.c.d"},
      {"JSON serialisation", R"({"payload":"e30","signatures":[]})"},
      {"a leading blank", " " + good},
      {"a trailing newline", good + "\n"},
      {"a newline inside", header + ".\ne30.c2ln"},
      {"padding", header + "=.e30.c2ln"},
      {"padding of the signature", header + ".e30.c2k="},
      {"the other alphabet", header + ".e30.+/+/"},
      {"an impossible length", header + ".e30.c2lnc"},
      {"bits behind the last byte", header + ".e31.c2ln"},
      {"bits behind the last byte of a signature", header + ".e30.c3"},
      {"a header that is no JSON", compact("alg", "{}", "sig")},
      {"a header that is a list", compact("[]", "{}", "sig")},
      {"a header that is empty", compact("", "{}", "sig")},
      {"no alg", compact(R"({"kid":"k"})", "{}", "sig")},
      {"alg twice", compact(R"({"alg":"none","alg":"RS256"})", "{}", "sig")},
      {"alg twice, in another case", compact(R"({"alg":"RS256","ALG":"none"})", "{}", "sig")},
      {"alg is a list", compact(R"({"alg":["RS256"]})", "{}", "sig")},
      {"alg is null", compact(R"({"alg":null})", "{}", "sig")},
      {"kid is a number", compact(R"({"alg":"RS256","kid":1})", "{}", "sig")},
      {"kid is too long",
       compact(R"({"alg":"RS256","kid":")" + std::string(kMaxKeyIdBytes + 1, 'k') + "\"}", "{}",
               "sig")},
      {"typ is no string", compact(R"({"alg":"RS256","typ":true})", "{}", "sig")},
      {"crit", compact(R"({"alg":"RS256","crit":["exp"],"exp":1})", "{}", "sig")},
      {"an empty crit", compact(R"({"alg":"RS256","crit":[]})", "{}", "sig")},
      {"b64", compact(R"({"alg":"RS256","b64":false})", "{}", "sig")},
      {"compression", compact(R"({"alg":"RS256","zip":"DEF"})", "{}", "sig")},
      {"a token inside", compact(R"({"alg":"RS256","cty":"JWT"})", "{}", "sig")},
      {"a byte order mark", compact("\xEF\xBB\xBF{\"alg\":\"RS256\"}", "{}", "sig")},
      {"NUL in the header", compact(std::string("{\"alg\":\"RS256\0\"}", 16), "{}", "sig")},
      {"a header that is too long",
       compact(R"({"alg":"RS256","x5c":")" + std::string(kMaxHeaderBytes, 'c') + "\"}", "{}",
               "sig")},
      {"a deep header",
       compact(R"({"alg":"RS256","jwk":)" + std::string(20, '[') + std::string(20, ']') + "}", "{}",
               "sig")},
      {"1 MB", compact(R"({"alg":"RS256"})", std::string(1U << 20U, ' '), "sig")},
  };
  for (const BadToken& look : cases) {
    const auto jws = parseJws(look.token);
    ASSERT_FALSE(jws) << look.what;
    EXPECT_EQ(jws.error().code, kMalformed) << look.what;
  }
}

TEST(Jws, IsReadUpToItsLimitOfBytes) {
  const std::string header = toBase64Url(R"({"alg":"RS256"})");
  const std::string end = ".c2ln";
  const auto of_size = [&](std::size_t size) {
    return header + "." + std::string(size - header.size() - 1 - end.size(), 'A') + end;
  };
  ASSERT_TRUE(parseJws(of_size(kMaxTokenBytes)));
  ASSERT_FALSE(parseJws(of_size(kMaxTokenBytes + 1)));
}

}  // namespace
}  // namespace vestibule::jose
