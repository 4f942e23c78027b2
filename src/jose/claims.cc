#include "jose/claims.h"

#include <algorithm>
#include <cmath>

#include "jose/faults.h"

namespace vestibule::jose {
namespace {

constexpr double kMicrosPerSecond = 1e6;
/// The year 9999: what lies beyond is no time.
constexpr double kMaxSeconds = 253'402'300'799.0;

tl::unexpected<Error> wrongType(std::string_view name, std::string_view wanted) {
  return refuse(kClaims, "the token's '" + std::string(name) + "' is " + std::string(wanted));
}

class Checker {
 public:
  Checker(const json::Object& claims, const ClaimRules& rules, Timestamp now,
          const Witness& witness)
      : claims_(claims), rules_(rules), now_(now), witness_(witness) {}

  Result<void> check() {
    using Check = Result<void> (Checker::*)();
    for (const auto& [rule, input, step] :
         {std::tuple<std::string_view, std::string_view, Check>{"issuer", "iss", &Checker::issuer},
          {"audience", "aud, azp", &Checker::audience},
          {"times", "exp, nbf, iat", &Checker::times},
          {"subject", "sub", &Checker::subject}}) {
      auto passed = (this->*step)();
      witness_(rule, input, passed ? std::string_view("good") : passed.error().detail);
      if (!passed) return passed;
    }
    return {};
  }

 private:
  Result<void> issuer() {
    auto stated = text("iss");
    if (!stated) return propagate(stated);
    if (**stated == rules_.issuer) return {};
    return refuse(kIssuer, "the token is of another issuer");
  }

  Result<void> audience() {
    auto stated = audiences();
    if (!stated) return propagate(stated);
    if (std::none_of(stated->begin(), stated->end(),
                     [&](const std::string* one) { return isOurs(*one); })) {
      return refuse(kAudience, rules_.for_client ? "the token is for none of the client ids"
                                                 : "the token is for another audience");
    }
    if (!rules_.for_client) return {};
    if (claims_.find("azp") == nullptr) {
      if (stated->size() == 1) return {};
      return refuse(kAudience,
                    "the token is for several audiences and does not say by 'azp' for "
                    "whom it was issued");
    }
    auto party = text("azp");
    if (!party) return propagate(party);
    if (isOurs(**party)) return {};
    return refuse(kAudience, "the token was issued for another client ('azp')");
  }

  Result<void> times() {
    const auto skew = micros(rules_.clock_skew);
    auto expires = time("exp");
    if (!expires) return propagate(expires);
    if (now_ >= *expires + skew) return refuse(kExpired, "the token has expired");
    if (claims_.find("nbf") != nullptr) {
      auto begins = time("nbf");
      if (!begins) return propagate(begins);
      if (now_ < *begins - skew) return refuse(kNotYetValid, "the token is not valid yet");
    }
    auto issued = time("iat");
    if (!issued) return propagate(issued);
    if (now_ < *issued - skew) return refuse(kNotYetValid, "the token is issued in the future");
    if (rules_.max_age && now_ > *issued + micros(*rules_.max_age) + skew) {
      return refuse(kTooOld, "the token was issued longer ago than the settings allow");
    }
    return {};
  }

  Result<void> subject() {
    auto stated = text("sub");
    if (!stated) return propagate(stated);
    if (!(*stated)->empty()) return {};
    return wrongType("sub", "empty");
  }

  Result<const std::string*> text(std::string_view name) {
    const json::Value* value = claims_.find(name);
    if (value == nullptr) return wrongType(name, "missing");
    if (value->string() == nullptr) return wrongType(name, "no string");
    return value->string();
  }

  /// RFC 7519 §4.1.3: one, or a list of them.
  Result<std::vector<const std::string*>> audiences() {
    const json::Value* value = claims_.find("aud");
    if (value == nullptr) return wrongType("aud", "missing");
    if (value->string() != nullptr) return std::vector{value->string()};
    std::vector<const std::string*> list;
    if (const json::Array* array = value->array()) {
      for (const json::Value& element : *array) {
        if (element.string() == nullptr) return wrongType("aud", "no list of strings");
        list.push_back(element.string());
      }
      return list;
    }
    return wrongType("aud", "no string and no list of strings");
  }

  /// RFC 7519 §2, NumericDate.
  Result<Timestamp> time(std::string_view name) {
    const json::Value* value = claims_.find(name);
    if (value == nullptr) return wrongType(name, "missing");
    const auto seconds = value->number() == nullptr ? std::nullopt : value->number()->asDouble();
    if (!seconds || *seconds < 0 || *seconds > kMaxSeconds) return wrongType(name, "no time");
    return static_cast<Timestamp>(std::llround(*seconds * kMicrosPerSecond));
  }

  static Timestamp micros(std::chrono::seconds seconds) {
    return std::chrono::microseconds(seconds).count();
  }

  [[nodiscard]] bool isOurs(const std::string& audience) const {
    return std::find(rules_.audiences.begin(), rules_.audiences.end(), audience) !=
           rules_.audiences.end();
  }

  const json::Object& claims_;
  const ClaimRules& rules_;
  const Timestamp now_;
  const Witness& witness_;
};

}  // namespace

Result<void> checkClaims(const json::Object& claims, const ClaimRules& rules, Timestamp now,
                         const Witness& witness) {
  return Checker(claims, rules, now, witness).check();
}

}  // namespace vestibule::jose
