#include "jit/verified_email.h"

namespace vestibule::jit {

bool hasVerifiedEmail(const json::Object& claims) {
  const json::Value* verified = claims.find("email_verified");
  if (verified == nullptr) return false;
  if (const bool* flag = verified->boolean()) return *flag;
  const std::string* text = verified->string();
  return text != nullptr && *text == "true";
}

}  // namespace vestibule::jit
