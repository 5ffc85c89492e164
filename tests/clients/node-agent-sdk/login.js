'use strict';

// LivePerson's own SDK finds its hosts, logs in as a bot, and refreshes its session once. The
// messaging websocket that it opens next is not part of the sandbox: its refusal ends the visit.

const Agent = require('node-agent-sdk').Agent;

const REFRESH_AFTER = 200;
const env = process.env;

const agent = new Agent({
    accountId: env.LP_ACCOUNT,
    csdsDomain: env.LP_CSDS,
    username: env.LP_USER,
    appKey: env.LP_APPKEY,
    secret: env.LP_SECRET,
    accessToken: env.LP_ACCESSTOKEN,
    accessTokenSecret: env.LP_ACCESSTOKENSECRET,
    refreshSessionInterval: REFRESH_AFTER
});

const problems = [];

function leave() {
    console.log(JSON.stringify({
        connected: agent.userId !== undefined && Boolean(agent.token),
        userId: agent.userId,
        agentId: agent.agentId,
        problems: problems
    }));
    process.exit(agent.userId === undefined ? 1 : 0);
}

agent.on('error', error => {
    const message = String(error && error.message);
    problems.push(agent.token ? message.split(agent.token).join('***') : message);
    // Without a user the login has failed; with one, this is the websocket.
    setTimeout(leave, agent.userId === undefined ? 0 : REFRESH_AFTER + 300);
});
agent.on('connected', leave);
