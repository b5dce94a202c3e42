"""A provider of SMS and e-mail, simulated: `python -m deploy.simulators.sms`, with an inbox that people can look at."""
