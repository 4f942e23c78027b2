// What files of TLS are taken, and what the operator is told of the others.
#include "http/tls_context.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "support/certificates.h"
#include "support/temporary_folder.h"

namespace vestibule::http {
namespace {

using test::Certificate;
using test::CertificateAuthority;
namespace fs = std::filesystem;

class TlsContextTest : public testing::Test {
 protected:
  TlsContextTest() { fs::permissions(good_.key, fs::perms::owner_read | fs::perms::owner_write); }

  std::string file(const std::string& name, const std::string& content) const {
    const auto path = folder_.path() / name;
    std::ofstream(path) << content;
    return path.string();
  }
  static std::string contentOf(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const test::TemporaryFolder folder_;
  const CertificateAuthority authority_{folder_.path(), "first"};
  const Certificate good_ = authority_.issue("localhost");
};

TEST_F(TlsContextTest, GoodFilesAreTakenWithoutAWord) {
  const auto context = TlsContext::load({good_.certificate, good_.key, authority_.file()});
  ASSERT_TRUE(context) << context.error().internal;
  EXPECT_TRUE((*context)->warnings().empty());
}

TEST_F(TlsContextTest, RevocationListsAreTakenAndOldOnesAreAWarning) {
  const auto load = [&](const std::string& list) {
    return TlsContext::load({good_.certificate, good_.key, authority_.file(), list});
  };
  const auto current = load(authority_.revoke({good_}));
  ASSERT_TRUE(current) << current.error().internal;
  EXPECT_TRUE((*current)->warnings().empty());
  const auto old = load(authority_.revoke({good_}, -60));
  ASSERT_TRUE(old) << old.error().internal;
  ASSERT_EQ((*old)->warnings().size(), 1U);
  EXPECT_NE((*old)->warnings()[0].find("out of date"), std::string::npos);
}

TEST_F(TlsContextTest, TheChainIsSentAlong) {
  const auto chain = file("chain.pem", contentOf(good_.certificate) + contentOf(authority_.file()));
  const auto context = TlsContext::load({chain, good_.key, {}});
  ASSERT_TRUE(context) << context.error().internal;
  STACK_OF(X509)* sent = nullptr;
  SSL_CTX_get0_chain_certs((*context)->get(), &sent);
  EXPECT_EQ(sk_X509_num(sent), 1);
}

TEST_F(TlsContextTest, AnErrorNamesTheFileAndWhatIsWrong) {
  const auto other = authority_.issue("other");
  const auto missing = (folder_.path() / "missing.pem").string();
  const auto text = file("text.pem", "no PEM at all\n");
  const auto empty = file("empty.pem", "");
  const auto damaged = file("damaged.pem", contentOf(good_.certificate) +
                                               "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                               "-----END CERTIFICATE-----\n");
  const auto encrypted = file("encrypted.key",
                              "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                              "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                              "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n");
  struct Case {
    TlsFiles files;
    std::string complaint;
    ErrorKind kind = ErrorKind::kInvalidValue;
  };
  const Case cases[] = {
      {{missing, good_.key, {}},
       missing + " cannot be read: No such file or directory",
       ErrorKind::kNotFound},
      {{good_.certificate, missing, {}}, missing + " cannot be read: ", ErrorKind::kNotFound},
      {{good_.certificate, good_.key, missing},
       missing + " cannot be read: ",
       ErrorKind::kNotFound},
      {{folder_.path(), good_.key, {}}, folder_.path().string() + " is a folder"},
      {{text, good_.key, {}}, text + " holds no certificate in PEM"},
      {{empty, good_.key, {}}, empty + " holds no certificate in PEM"},
      {{good_.key, good_.key, {}}, good_.key + " holds no certificate in PEM"},
      {{damaged, good_.key, {}}, damaged + " holds a certificate that cannot be read: "},
      {{good_.certificate, text, {}}, text + " holds no private key in PEM"},
      {{good_.certificate, good_.certificate, {}},
       good_.certificate + " holds no private key in PEM"},
      {{good_.certificate, encrypted, {}}, encrypted + " has a passphrase"},
      {{good_.certificate, other.key, {}},
       other.key + " does not belong to the first certificate of " + good_.certificate},
      {{good_.certificate, good_.key, text}, text + " holds no certificate in PEM"},
      {{good_.certificate, good_.key, authority_.file(), missing},
       missing + " cannot be read: ",
       ErrorKind::kNotFound},
      {{good_.certificate, good_.key, authority_.file(), authority_.file()},
       authority_.file() + " holds no revocation list in PEM"},
  };
  for (const auto& [files, complaint, kind] : cases) {
    SCOPED_TRACE(complaint);
    const auto context = TlsContext::load(files);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().kind, kind);
    EXPECT_EQ(context.error().internal.substr(0, complaint.size()), complaint);
    EXPECT_EQ(context.error().detail.find('/'), std::string::npos) << "a path in a client's text";
  }
}

TEST_F(TlsContextTest, AKeyThatEverybodyMayReadIsAWarning) {
  fs::permissions(good_.key, fs::perms::others_read, fs::perm_options::add);
  const auto context = TlsContext::load({good_.certificate, good_.key, {}});
  ASSERT_TRUE(context);
  ASSERT_EQ((*context)->warnings().size(), 1U);
  EXPECT_EQ((*context)->warnings()[0].rfind(good_.key + " is a private key that everybody", 0), 0U);
}

TEST_F(TlsContextTest, ReadingAgainChangesWhatIsCurrentOrNothing) {
  auto certificates = TlsCertificates::open({good_.certificate, good_.key, {}});
  ASSERT_TRUE(certificates);
  const auto first = (*certificates)->current();
  const auto key = contentOf(good_.key);
  file("localhost.key", "damaged");
  EXPECT_FALSE((*certificates)->reload());
  EXPECT_EQ((*certificates)->current(), first);
  file("localhost.key", key);
  EXPECT_TRUE((*certificates)->reload());
  EXPECT_NE((*certificates)->current(), first);
}

}  // namespace
}  // namespace vestibule::http
