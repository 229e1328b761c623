"""How much does an optimizer's result depend on a hyperparameter that nobody tuned?"""
