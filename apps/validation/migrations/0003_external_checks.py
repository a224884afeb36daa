from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("validation", "0002_what_checks_are_given")]

    operations = []
