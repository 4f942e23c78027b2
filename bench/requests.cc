#include "requests.h"

namespace vestibule::bench {
namespace {

/// People that new users are made like.
constexpr std::uint64_t kTemplates = 64;

constexpr std::string_view kPatchOp =
    R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)";

}  // namespace

bool needsSigner(Operation operation) {
  return operation == Operation::kLoginIdToken || operation == Operation::kForwardAuthWarm;
}

RequestMaker::RequestMaker(Operation operation, const Population& people, Choice& choice,
                           const Endpoint& endpoint, const std::string& token, unsigned thread,
                           const TokenSigner* signer)
    : operation_(operation),
      people_(people),
      choice_(choice),
      base_("/domains/" + std::string(kDomain) + "/scim/v2"),
      random_(mix(people.layout().seed, thread, 17)) {
  const bool jit = operation == Operation::kJitKnown || operation == Operation::kJitNew ||
                   operation == Operation::kLoginIdToken ||
                   operation == Operation::kForwardAuthWarm || operation == Operation::kQueueNew ||
                   operation == Operation::kHealthz;
  // No Connection field: most clients send none, and a server has to keep the connection all the
  // same.
  fields_ = " HTTP/1.1\r\nHost: " + endpoint.host + ":" + std::to_string(endpoint.port) +
            "\r\nUser-Agent: bench_load\r\nAccept: application/json\r\nContent-Type: " +
            (jit ? "application/json" : "application/scim+json") + "\r\nAuthorization: Bearer " +
            token + "\r\n";
  if (needsSigner(operation)) logins_ = tokenLogins(people, *signer);
  if (operation != Operation::kCreateUser && operation != Operation::kBulkCreate &&
      operation != Operation::kJitNew && operation != Operation::kQueueNew) {
    return;
  }
  for (std::uint64_t i = 0; i < kTemplates; ++i) {
    // Never the first user, who has no manager.
    const auto person =
        people.person(1 + i % (people.layout().users - 1), std::string(kTemplateLabel));
    if (operation == Operation::kJitNew) {
      templates_.emplace_back(provisionBody(person));
    } else if (operation == Operation::kQueueNew) {
      templates_.emplace_back(provisionBody(person, kQueueingProvider));
    } else {
      templates_.emplace_back(scimUser(person));
    }
  }
}

bool RequestMaker::next(Request& request) {
  switch (operation_) {
    case Operation::kGetUser:
      getUser(request);
      return true;
    case Operation::kFilterUsername: {
      const auto n = choice_.anyUser(random_);
      filter(request, "userName%20eq", people_.person(n).userName(), n);
      return true;
    }
    case Operation::kFilterEmail: {
      const auto n = choice_.anyUser(random_);
      filter(request, "emails.value%20eq", people_.person(n).userName(), n);
      return true;
    }
    case Operation::kFilterPrefix: {
      const auto n = choice_.anyUser(random_);
      filter(request, "userName%20sw", people_.person(n).userNamePrefix(), n);
      return true;
    }
    case Operation::kExport:
      return false;
    case Operation::kCreateUser:
      createUser(request);
      return true;
    case Operation::kPatchUser:
      patchUser(request);
      return true;
    case Operation::kAddMemberLarge:
    case Operation::kAddMemberSmall:
      return addMember(request);
    case Operation::kJitKnown:
      jitKnown(request);
      return true;
    case Operation::kLoginIdToken:
      loginIdToken(request);
      return true;
    case Operation::kForwardAuthWarm:
      forwardAuth(request);
      return true;
    case Operation::kHealthz:
      head(request, "GET", "/healthz");
      request.bytes += "\r\n";
      request.status = 200;
      request.needles = {};
      return true;
    case Operation::kJitNew:
      jitNew(request);
      return true;
    case Operation::kQueueNew:
      queueNew(request);
      return true;
    case Operation::kBulkCreate:
      bulkCreate(request);
      return true;
  }
  return false;
}

void RequestMaker::head(Request& request, std::string_view method, std::string_view target) {
  request.bytes.clear();
  request.bytes.append(method).append(" ").append(target).append(fields_);
}

void RequestMaker::body(Request& request, std::string_view text) const {
  request.bytes += "Content-Length: ";
  request.bytes += std::to_string(text.size());
  request.bytes += "\r\n\r\n";
  request.bytes += text;
}

void RequestMaker::getUser(Request& request) {
  const auto id = people_.userId(choice_.anyUser(random_)).text();
  head(request, "GET", base_ + "/Users/" + id);
  request.bytes += "\r\n";
  request.status = 200;
  request.needles = {R"("id":")" + id + '"', ""};
}

void RequestMaker::filter(Request& request, std::string_view path_and_operator,
                          const std::string& value, std::uint64_t user) {
  std::string target = base_ + "/Users?filter=";
  target.append(path_and_operator).append("%20%22").append(value).append("%22");
  head(request, "GET", target);
  request.bytes += "\r\n";
  request.status = 200;
  request.needles = {R"("totalResults":1,)", R"("id":")" + people_.userId(user).text() + '"'};
}

void RequestMaker::createUser(Request& request) {
  auto& user = templates_[next_template_++ % templates_.size()];
  const auto label = choice_.freshLabel();
  user.set(label);
  head(request, "POST", base_ + "/Users");
  body(request, user.text());
  request.status = 201;
  request.needles = {label + "@bench.example", ""};
}

void RequestMaker::patchUser(Request& request) {
  const auto id = people_.userId(choice_.changingUser(random_)).text();
  const auto title = "Reviewer " + choice_.freshLabel();
  head(request, "PATCH", base_ + "/Users/" + id);
  body(request,
       std::string(kPatchOp) + R"({"op":"replace","path":"title","value":")" + title + R"("}]})");
  request.status = 200;
  request.needles = {R"("id":")" + id + '"', R"("title":")" + title + '"'};
}

bool RequestMaker::addMember(Request& request) {
  const auto member = choice_.newMember(operation_);
  if (!member) return false;
  head(request, "PATCH", base_ + "/Groups/" + people_.groupId(member->group).text());
  body(request, std::string(kPatchOp) + R"({"op":"add","path":"members","value":[{"value":")" +
                    people_.userId(member->user).text() + R"("}]}]})");
  request.status = 204;
  request.needles = {};
  return true;
}

void RequestMaker::jitKnown(Request& request) {
  const auto n = choice_.steadyUser(random_);
  head(request, "POST", "/jit/v1/provision");
  body(request, provisionBody(people_.person(n)));
  request.status = 200;
  request.needles = {R"("outcome":"unchanged")", R"("id":")" + people_.userId(n).text() + '"'};
}

void RequestMaker::jitNew(Request& request) {
  auto& login = templates_[next_template_++ % templates_.size()];
  const auto label = choice_.freshLabel();
  login.set(label);
  head(request, "POST", "/jit/v1/provision");
  body(request, login.text());
  request.status = 201;
  request.needles = {R"("outcome":"created")", label + "@bench.example"};
}

void RequestMaker::queueNew(Request& request) {
  jitNew(request);
  request.status = 202;
  request.needles = {R"("outcome":"queued")"};
}

void RequestMaker::loginIdToken(Request& request) {
  const TokenLogin& login = logins_[random_() % logins_.size()];
  head(request, "POST", "/jit/v1/provision");
  std::string text = R"({"identityProvider":")";
  text.append(kIdentityProvider).append(R"(","idToken":")").append(login.token).append(R"("})");
  body(request, text);
  request.status = 200;
  request.needles = {R"("outcome":"unchanged")",
                     R"("id":")" + people_.userId(login.user).text() + '"'};
}

void RequestMaker::forwardAuth(Request& request) {
  const TokenLogin& login = logins_[next_login_++ % kWarmUsers];
  std::string target = "/jit/v1/forward-auth?identityProvider=";
  target += kIdentityProvider;
  head(request, "GET", target);
  request.bytes.append(kProxyTokenHeader).append(": ").append(login.token).append("\r\n\r\n");
  request.status = 200;
  request.needles = {"X-Vestibule-Outcome: unchanged\r\n",
                     "X-Vestibule-User-Id: " + people_.userId(login.user).text() + "\r\n"};
}

void RequestMaker::bulkCreate(Request& request) {
  std::string text =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":1,"Operations":[)";
  for (unsigned i = 0; i < kBulkUsers; ++i) {
    auto& user = templates_[next_template_++ % templates_.size()];
    user.set(choice_.freshLabel());
    if (i > 0) text += ',';
    text += R"({"method":"POST","path":"/Users","bulkId":")" + std::to_string(i) + R"(","data":)";
    text += user.text();
    text += '}';
  }
  text += "]}";
  head(request, "POST", base_ + "/Bulk");
  body(request, text);
  request.status = 200;
  // The last one, and that it was made: with failOnErrors so were those before.
  request.needles = {R"("bulkId":")" + std::to_string(kBulkUsers - 1) + R"(","version":)", ""};
}

}  // namespace vestibule::bench
