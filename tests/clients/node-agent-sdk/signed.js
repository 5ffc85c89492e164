'use strict';

// A list that is signed with the four values of an OAuth 1 key, by the library that LivePerson's
// SDK brings along (request, oauth-sign).

const request = require('request');

const env = process.env;
const path = `/api/account/${env.LP_ACCOUNT}/configuration/le-users/users`;

request({
    url: `https://${env.LP_CSDS}${path}`,
    qs: {v: '6.0', select: '$all', include_deleted: 'true'},
    oauth: {
        consumer_key: env.LP_APPKEY,
        consumer_secret: env.LP_SECRET,
        token: env.LP_ACCESSTOKEN,
        token_secret: env.LP_ACCESSTOKENSECRET
    },
    json: true
}, (error, response, body) => {
    if (error) {
        console.log(JSON.stringify({error: error.message}));
        process.exit(1);
    }
    const users = Array.isArray(body) ? body.map(user => user.loginName) : [];
    const problem = Array.isArray(body) ? '' : String(body);
    console.log(JSON.stringify({status: response.statusCode, users: users, problem: problem}));
});
