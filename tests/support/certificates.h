#pragma once
// Certificates for one test.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace vestibule::test {

/// Files of a certificate and its key.
struct Certificate {
  std::string certificate;
  std::string key;
};

/// Issues certificates into a folder. All are valid for an hour.
class CertificateAuthority {
 public:
  CertificateAuthority(std::filesystem::path folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)), key_(EVP_EC_gen("P-256")) {
    own_ = make(name_, key_.get());
    addExtension(own_.get(), NID_basic_constraints, "critical,CA:TRUE");
    sign(own_.get());
    write(file(), [&](std::FILE* out) { return PEM_write_X509(out, own_.get()); });
  }

  /// The authority's own certificate.
  [[nodiscard]] std::string file() const { return (folder_ / (name_ + "-ca.pem")).string(); }

  /// For a server of that host name.
  [[nodiscard]] Certificate issue(const std::string& host) const {
    const Key key(EVP_EC_gen("P-256"));
    const auto certificate = make(host, key.get());
    addExtension(certificate.get(), NID_subject_alt_name, ("DNS:" + host).c_str());
    sign(certificate.get());
    const Certificate files{(folder_ / (host + ".pem")).string(),
                            (folder_ / (host + ".key")).string()};
    write(files.certificate,
          [&](std::FILE* out) { return PEM_write_X509(out, certificate.get()); });
    write(files.key, [&](std::FILE* out) {
      return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return files;
  }

  /// Writes the list of those that this authority has revoked, for so many seconds, and gives its
  /// file.
  [[nodiscard]] std::string revoke(const std::vector<Certificate>& certificates,
                                   long seconds = 3600) const {
    const ListPointer list(X509_CRL_new());
    require(list != nullptr && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_.get()));
    const TimePointer since(X509_gmtime_adj(nullptr, -7200));
    const TimePointer until(X509_gmtime_adj(nullptr, seconds));
    X509_CRL_set1_lastUpdate(list.get(), since.get());
    X509_CRL_set1_nextUpdate(list.get(), until.get());
    for (const auto& files : certificates) {
      const X509Pointer revoked = read(files.certificate);
      X509_REVOKED* entry = X509_REVOKED_new();
      require(entry != nullptr &&
              X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked.get())) == 1 &&
              X509_REVOKED_set_revocationDate(entry, since.get()) == 1 &&
              X509_CRL_add0_revoked(list.get(), entry) == 1);
    }
    require(X509_CRL_sort(list.get()) == 1 &&
            X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0);
    const auto path = (folder_ / (name_ + "-crl.pem")).string();
    write(path, [&](std::FILE* out) { return PEM_write_X509_CRL(out, list.get()); });
    return path;
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_CRL* list) const { X509_CRL_free(list); }
    void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using X509Pointer = std::unique_ptr<X509, Free>;
  using ListPointer = std::unique_ptr<X509_CRL, Free>;
  using TimePointer = std::unique_ptr<ASN1_TIME, Free>;

  static void require(bool holds) {
    if (!holds) throw std::runtime_error("a certificate could not be made");
  }
  /// Unsigned, issued by this authority.
  X509Pointer make(const std::string& common_name, EVP_PKEY* key) const {
    X509Pointer made(X509_new());
    require(made != nullptr && key != nullptr);
    static long serial = 1;
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_set_pubkey(made.get(), key);
    setName(X509_get_subject_name(made.get()), common_name);
    setName(X509_get_issuer_name(made.get()), name_);
    return made;
  }
  static void setName(X509_NAME* name, const std::string& text) {
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                       reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                       0) == 1);
  }
  static void addExtension(X509* certificate, int kind, const char* value) {
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
  }
  void sign(X509* certificate) const {
    require(X509_sign(certificate, key_.get(), EVP_sha256()) > 0);
  }
  static X509Pointer read(const std::string& path) {
    const std::unique_ptr<std::FILE, Free> in(std::fopen(path.c_str(), "rb"));
    require(in != nullptr);
    X509Pointer certificate(PEM_read_X509(in.get(), nullptr, nullptr, nullptr));
    require(certificate != nullptr);
    return certificate;
  }
  template <typename Write>
  static void write(const std::string& path, Write&& write_to) {
    const std::unique_ptr<std::FILE, Free> out(std::fopen(path.c_str(), "wb"));
    require(out && write_to(out.get()) == 1);
  }

  std::filesystem::path folder_;
  std::string name_;
  Key key_;
  X509Pointer own_;
};

}  // namespace vestibule::test
