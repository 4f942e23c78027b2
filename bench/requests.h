#pragma once
// The operations as HTTP requests.

#include <random>
#include <string>
#include <vector>

#include "http_client.h"
#include "id_tokens.h"
#include "labelled_text.h"
#include "operations.h"

namespace vestibule::bench {

/// True for what is asked with ID tokens.
[[nodiscard]] bool needsSigner(Operation operation);

/// Makes requests of one operation, one after the other. Not thread-safe; several may share a
/// Choice.
class RequestMaker {
 public:
  /// `token` is a bearer token that may do the operation; `signer` is needed for logins by ID
  /// token.
  RequestMaker(Operation operation, const Population& people, Choice& choice,
               const Endpoint& endpoint, const std::string& token, unsigned thread,
               const TokenSigner* signer);

  /// Fills `request`; false when there is nothing left to ask for.
  /// (An export is a walk, in which a request comes from the answer before: it has none here.)
  bool next(Request& request);

 private:
  void head(Request& request, std::string_view method, std::string_view target);
  void body(Request& request, std::string_view text) const;
  void getUser(Request& request);
  /// One user found by `path op "value"`.
  void filter(Request& request, std::string_view path_and_operator, const std::string& value,
              std::uint64_t user);
  void createUser(Request& request);
  void patchUser(Request& request);
  bool addMember(Request& request);
  void jitKnown(Request& request);
  void jitNew(Request& request);
  void queueNew(Request& request);
  void loginIdToken(Request& request);
  void forwardAuth(Request& request);
  void bulkCreate(Request& request);

  Operation operation_;
  const Population& people_;
  Choice& choice_;
  std::string base_;
  std::string fields_;
  std::mt19937_64 random_;
  std::vector<LabelledText> templates_;
  std::vector<TokenLogin> logins_;
  std::size_t next_template_ = 0;
  std::size_t next_login_ = 0;
};

}  // namespace vestibule::bench
