#pragma once

// A row each: the name that is asked for | the columns of the table | what comes of it.
//   = COLUMN TIER     that column, by that tier
//   ? COLUMN COLUMN   ambiguous between these
//   -                 none, without a suggestion
//   - COLUMN COLUMN   none; these may have been meant
namespace pgreactor::operators {

inline constexpr const char* matching_table = R"(
id               | id name                                  | = id exact
user_id          | id user_id                               | = user_id exact
userId           | userId user_id USER_ID                   | = userId exact
user_id          | userId user_id USER_ID                   | = user_id exact
USER_ID          | userId user_id USER_ID                   | = USER_ID exact
ids              | id ids                                   | = ids exact
id               | ids id                                   | = id exact
naïve            | naïve naive                              | = naïve exact
a"b              | a"b ab                                   | = a"b exact
%s               | %s s                                     | = %s exact
a.b              | a.b ab                                   | = a.b exact

ID               | id name                                  | = id letter_case
Name             | id name                                  | = name letter_case
createdat        | createdAt name                           | = createdAt letter_case
CREATEDAT        | createdAt created_at                     | = createdAt letter_case
User_Id          | userid user_id                           | = user_id letter_case
uSER_iD          | user_id                                  | = user_id letter_case
Id               | id ID iD                                 | ? id ID iD
userID           | USERID userid user_id                    | ? USERID userid
IDS              | id ids                                   | = ids letter_case
NAïVE            | naïve                                    | = naïve letter_case
NAÏVE            | naïve                                    | - naïve

userId           | id user_id                               | = user_id style
UserID           | id user_id                               | = user_id style
UserId           | id user_id                               | = user_id style
user-id          | id user_id                               | = user_id style
User-Id          | id user_id                               | = user_id style
USER-ID          | id user_id                               | = user_id style
userid           | id user_id                               | = user_id style
user_id          | id userId                                | = userId style
user_id          | id UserID                                | = UserID style
user-id          | user_id userId                           | ? user_id userId
user-id          | userId user_id                           | ? userId user_id
_user_id         | user_id                                  | = user_id style
user_id_         | user_id                                  | = user_id style
user__id         | user_id                                  | = user_id style
createdAt        | id created_at updated_at                 | = created_at style
addressLine1     | address_line_1 address_line_2            | = address_line_1 style
address_line1    | address_line_1 address_line_2            | = address_line_1 style
address_line_2   | addressLine1 addressLine2                | = addressLine2 style
AddressLine2     | addressline1 addressline2                | = addressline2 letter_case
fooXBar          | foo_x_bar                                | = foo_x_bar style
foo_x_bar        | fooXBar                                  | = fooXBar style
httpURL          | http_url                                 | = http_url style
HTTPUrl          | http_url                                 | = http_url style
lastLoginIP      | last_login_ip                            | = last_login_ip style
is_active        | isActive active                          | = isActive style
oauth2Token      | oauth_2_token                            | = oauth_2_token style
sha256_hash      | sha256Hash sha256                        | = sha256Hash style
x_y              | xy                                       | = xy style
a-b-c            | a_b_c                                    | = a_b_c style

users            | user id                                  | = user number
user             | users id                                 | = users number
userIds          | id user_id                               | = user_id number
user_ids         | id user_id                               | = user_id number
UserIDs          | id user_id                               | = user_id number
user-ids         | id user_id                               | = user_id number
USER_IDS         | id user_id                               | = user_id number
userids          | id user_id                               | = user_id number
userId           | user_ids                                 | = user_ids number
UserID           | UserIDs                                  | = UserIDs number
userIds          | user_id userids                          | = userids letter_case
user_ids         | user_id userids                          | = userids style
addresses        | id address                               | = address number
address          | id addresses                             | = addresses number
shippingAddresses | shipping_address billing_address        | = shipping_address number
statuses         | status state                             | = status number
status           | statuses state                           | = statuses number
orderStatuses    | order_status                             | = order_status number
orderStatuses    | orderstatus                              | = orderstatus number
analyses         | analysis                                 | = analysis number
analysis         | analyses                                 | = analyses number
buses            | bus                                      | = bus number
classes          | class                                    | = class number
processes        | process                                  | = process number
accesses         | access                                   | = access number
gases            | gas                                      | = gas number
biases           | bias                                     | = bias number
emailAliases     | email_alias                              | = email_alias number
emailAliases     | emailalias                               | = emailalias number
canvases         | canvas                                   | = canvas number
categories       | category_id category                     | = category number
category         | categories                               | = categories number
companies        | company                                  | = company number
movies           | movie                                    | = movie number
ties             | tie                                      | = tie number
pies             | pie                                      | = pie number
cookies          | cookie                                   | = cookie number
heroes           | hero                                     | = hero number
shoes            | shoe                                     | = shoe number
knives           | knife                                    | = knife number
lives            | life                                     | = life number
halves           | half                                     | = half number
archives         | archive                                  | = archive number
objectives       | objective                                | = objective number
matrices         | matrix                                   | = matrix number
indices          | index                                    | = index number
indexes          | index                                    | = index number
indexes          | indices                                  | = indices number
people           | person                                   | = person number
children         | child                                    | = child number
data             | datum                                    | = datum number
raw_datum        | rawData                                  | = rawData number
media            | medium                                   | = medium number
schemas          | schemata                                 | = schemata number
quizzes          | quiz                                     | = quiz number
caches           | cache                                    | = cache number
matches          | match                                    | = match number
houses           | house                                    | = house number
sizes            | size                                     | = size number
boxes            | box                                      | = box number
apiKeys          | api_key                                  | = api_key number
apis             | api                                      | = api number
URLs             | url                                      | = url number
setting          | settings                                 | = settings number
tag              | tags tag_ids                             | = tags number
bases            | base                                     | = base number
bases            | basis                                    | = basis number
bases            | basis base                               | ? basis base
leaves           | leave leaf                               | ? leave leaf
tags             | tag Tag                                  | ? tag Tag
userIds          | user_id UserId                           | ? user_id UserId

metadata         | metadatum                                | - metadatum
series           | serie                                    | - serie
news             | new                                      | - new
gas              | ga                                       | - ga
timeout_ms       | timeout_m                                | - timeout_m
users_id         | user_id                                  | - user_id
address_lines_1  | address_line_1                           | - address_line_1
emial            | id email name                            | - email
nmae             | id email name                            | - name
creatdat         | created_at updated_at                    | - created_at
id_user          | id user_id user                          | - user_id user
atCreated        | id created_at                            | - created_at
address          | id billing_address address_line          | - address_line billing_address
customer_phone   | id phone                                 | - phone
itemz            | itema itemb itemc itemd                  | - itema itemb itemc
zebra            | id name email                            | -
x                | id y                                     | -
name;drop        | id name                                  | - name
--               | id name                                  | -
_                | id -                                     | -
)";

}  // namespace pgreactor::operators
